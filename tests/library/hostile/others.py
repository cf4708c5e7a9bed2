"""Words, sounds, programs, and names that mean more than they say."""

from tests.core.uploads import PDF, office
from tests.library.hostile import Hostile, kept, refused

SCRIPT = b"<script>alert(document.cookie)</script>"
# The sign that every scanner of harmful files knows. In two parts, so that this file is not one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WORDS: dict[str, Hostile] = {
    "page of the web": refused("page.html", b"<html>" + SCRIPT),
    "page of the web for old browsers": refused("page.mht", b"MIME-Version: 1.0\n\n" + SCRIPT),
    "page of the web called .pdf": refused("page.pdf", b"<!DOCTYPE html>" + SCRIPT),
    "page of the web called .txt": refused("page.txt", b"\n\t <!DOCTYPE HTML>" + SCRIPT),
    "script in a text": kept("notes.txt", b"Hello. " + SCRIPT, "text/html"),
    "page of the web in 16-bit letters": refused("notes.txt", "<html>".encode("utf-16")),
    "text in 7-bit letters": kept("notes.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    "formulas in a text": kept("list.txt", b"=cmd|' /C calc'!A0,+1+1,@SUM(1),-1\r\n", "text/csv"),
    "formulas in a table": refused("list.csv", b'=HYPERLINK("http://evil.example")', "text/csv"),
    "sign that scanners know": kept("notes.txt", EICAR),
    "program of a shell": refused("run.sh", b"#!/bin/sh\nrm -rf ~\n"),
    "program of a shell called .txt": refused("run.txt", b"#!/bin/sh\nrm -rf ~\n"),
    "program of php called .txt": refused("run.txt", b"<?php system('id'); ?>"),
    "program": refused("setup.exe", b"MZ\x90\x00" + b"\x00" * 90),
    "program of Linux called .txt": refused("run.txt", b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 90),
    "program of a browser": refused("run.js", b"alert(1)"),
    "program of Windows": refused("run.hta", b"<script>new ActiveXObject('WScript.Shell')"),
    "program for phones": refused("app.apk", office()),
    "signs of a terminal": kept("notes.txt", b"\x1b]0;evil\x1b\\ \x1b[2J"),
    "empty": refused("plan.pdf", b""),
    "one byte": refused("plan.pdf", b"%"),
    "film that is a page of the web": kept("film.mp4", b"\0\0\0\x18ftypmp42" + SCRIPT),
    "film that is a program": refused("film.mp4", b"MZ\x90\x00" + b"\x00" * 90),
    "photo of a phone called .mp4": refused("film.mp4", b"\0\0\0\x18ftypheic" + b"\0" * 30),
    "sound that is a page of the web": kept("talk.mp3", b"ID3\x04\0\0\0\0\0\0" + SCRIPT),
    "sound that is a page of the web, no mark": refused("talk.mp3", b"<html>" + SCRIPT),
    "list of songs": refused("talk.m3u", b"#EXTM3U\nhttps://evil.example/a.mp3"),
    "calendar": refused("meet.ics", b"BEGIN:VCALENDAR"),
    "card of a person": refused("me.vcf", b"BEGIN:VCARD"),
    "font": refused("font.woff2", b"wOF2" + b"\0" * 60),
}
NAMES = {
    "name with an ending before": "plan.exe.pdf",
    "name with many endings": "plan.html.svg.js.pdf",
    "name that reads from the right": "plan\u202efdp.exe.pdf",
    "name upwards": "../../../../etc/passwd.pdf",
    "name of Windows upwards": "..\\..\\..\\Windows\\evil.pdf",
    "name with nothing in it": "pl\x00an.php\x00.pdf",
    "name of 300 signs": "é" * 300 + ".pdf",
    "name of smileys": "😀🎉👩‍👩‍👧.pdf",
    "name of a device": "CON.pdf",
    "name of a device with more": "com1.notes.pdf",
    "name that is hidden": ".htaccess.pdf",
    "name of two lines": "plan\r\nSet-Cookie: a=b\r\n\r\n<html>.pdf",
    "name with quotes": 'a"; filename="evil.html"; x=".pdf',
    "name with signs of a shell": "$(id); `id` && rm -rf .pdf",
    "name with a tag": "<img src=x onerror=alert(1)>.pdf",
    "name with percent signs": "%2e%2e%2f%00evil.html%0d%0a.pdf",
    "name of a formula": "=cmd|calc.pdf",
    "name of dots": "....pdf",
    "name in full-width signs": "plan．html．pdf.pdf",
    "name of letters not all fonts have": "ƛ̓əm̓ ʔa x̱ʷ عربى.pdf",
}
OTHERS = WORDS | {about: kept(name, PDF, "text/html") for about, name in NAMES.items()}
REFUSED_NAMES: dict[str, Hostile] = {
    "name whose true ending is hidden": refused("gpj.plan\u202efdp.exe", PDF),
    "name with an ending behind": refused("plan.pdf.exe", PDF),
    "name without an ending": refused("plan", PDF),
    "name of a stream of Windows": refused("plan.pdf::$DATA", PDF),
    "name that ends in a sign nobody sees": refused("plan.pdf.html\u200b", PDF),
}
OTHERS |= REFUSED_NAMES
