from django.urls import path

from meetings.views import (
    after,
    attendance,
    ballots,
    board,
    detail,
    feeds,
    joining,
    months,
    run_sheet,
    topics,
)
from meetings.views import meetings as views

app_name = "meetings"
urlpatterns = [
    path("<slug:slug>/meetings/", views.meeting_list, name="meeting_list"),
    path("<slug:slug>/meetings/public.ics", feeds.public_file, name="public_file"),
    path("<slug:slug>/meetings/weeks/", months.meeting_agenda, name="meeting_agenda"),
    path(
        "<slug:slug>/meetings/<int:year>/<int:month>/", months.meeting_month, name="meeting_month"
    ),
    path("<slug:slug>/votes/<slug:public_id>/", ballots.ballot_detail, name="ballot_detail"),
    path("<slug:slug>/meetings/<slug:public_id>/", detail.meeting_detail, name="meeting_detail"),
    path("<slug:slug>/meetings/<slug:public_id>/rsvp/", detail.rsvp_answer, name="rsvp_answer"),
    path("<slug:slug>/meetings/<slug:public_id>/need/", detail.rsvp_need, name="rsvp_need"),
    path("<slug:slug>/meetings/<slug:public_id>/join/", joining.meeting_join, name="meeting_join"),
    path("<slug:slug>/topics/", topics.topic_list, name="topic_list"),
    path("<slug:slug>/topics/new/", topics.topic_create, name="topic_create"),
    path("<slug:slug>/topics/alike/", topics.topics_alike, name="topics_alike"),
    path("<slug:slug>/topics/<slug:public_id>/", topics.topic_detail, name="topic_detail"),
    path(
        "<slug:slug>/topics/<slug:public_id>/withdraw/",
        topics.topic_withdraw,
        name="topic_withdraw",
    ),
    path("<slug:slug>/meetings/<slug:public_id>/notes/", after.meeting_notes, name="meeting_notes"),
    path("<slug:slug>/meetings/<slug:public_id>/run-sheet/", run_sheet.run_sheet, name="run_sheet"),
    path("<slug:slug>/meetings/<slug:public_id>/board/", board.board, name="board"),
    path("<slug:slug>/meetings/<slug:public_id>/board/now/", board.board_part, name="board_part"),
    path(
        "<slug:slug>/meetings/<slug:public_id>/board/<slug:topic_id>/",
        board.board_topic,
        name="board_topic",
    ),
    path("<slug:slug>/meetings/<slug:public_id>/check-in/", attendance.check_in, name="check_in"),
    path(
        "<slug:slug>/meetings/<slug:public_id>/meeting.ics", views.meeting_ics, name="meeting_ics"
    ),
]
