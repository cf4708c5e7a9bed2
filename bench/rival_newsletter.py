"""5,000 newsletters by django-newsletter 1.2, in a Python of its own (bench/newsletter.py).

Its own way throughout: a newsletter, a message of articles, subscribers, one submission. It renders
the templates for each of them, opens a connection for each mail, and records none. Prints seconds.
"""

import json
import sys
import time
from datetime import timedelta
from typing import Any

ADDRESS = "r{0}@host{1}.example"


def configure(order: dict[str, Any]) -> None:
    from django.conf import settings

    settings.configure(
        SECRET_KEY="only-for-measuring",
        DATABASES={"default": order["database"]},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sites",
            "sorl.thumbnail",
            "newsletter",
        ],
        SITE_ID=1,
        ROOT_URLCONF="newsletter.urls",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=order["port"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        NEWSLETTER_USE_HTTPS=True,
        NEWSLETTER_THUMBNAIL="sorl-thumbnail",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
            }
        ],
        USE_TZ=True,
    )


def prepare(order: dict[str, Any]) -> Any:  # noqa: ANN401
    """One submission to so many subscribers."""
    from django.contrib.sites.models import Site
    from django.core.management import call_command
    from django.utils import timezone

    from newsletter.models import Article, Message, Newsletter, Submission, Subscription

    call_command("migrate", verbosity=0)
    site = Site.objects.get_current()
    letter = Newsletter.objects.create(
        title="Every Door", slug="every-door", email="bench@cop.example", sender="Every Door"
    )
    letter.site.add(site)
    message = Message.objects.create(title="Autumn", slug="autumn", newsletter=letter)
    for number in range(order["articles"]):
        Article.objects.create(
            title=f"Article {number}", text=order["words"], post=message, sortorder=number
        )
    Subscription.objects.bulk_create(
        (
            Subscription(
                newsletter=letter,
                email_field=ADDRESS.format(n, n % 200),
                subscribed=True,
                activation_code=f"{n:040d}",
            )
            for n in range(order["mails"])
        ),
        batch_size=2000,
    )
    submission = Submission.from_message(message)
    Submission.objects.filter(pk=submission.pk).update(
        prepared=True, publish_date=timezone.now() - timedelta(hours=1)
    )
    return submission


def main() -> None:
    order = json.loads(sys.stdin.read())
    configure(order)
    import django

    django.setup()
    submission = prepare(order)
    from newsletter.models import Submission

    started = time.perf_counter()
    Submission.submit_queue()
    seconds = time.perf_counter() - started
    submission.refresh_from_db()
    json.dump({"seconds": seconds, "sent": submission.sent}, sys.stdout)


if __name__ == "__main__":
    main()
