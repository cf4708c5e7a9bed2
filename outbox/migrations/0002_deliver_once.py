"""Gate, pace, budget, holds and events of the post; consent that outlives subscription and account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_add_outbox"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressScore",
            fields=[
                (
                    "address_hash",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("soft", models.FloatField(default=0)),
                ("hard", models.FloatField(default=0)),
                ("at", models.DateTimeField()),
                ("last_answer", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name": "bounce score",
                "verbose_name_plural": "bounce scores",
            },
        ),
        migrations.CreateModel(
            name="HostPace",
            fields=[
                (
                    "host",
                    models.CharField(
                        max_length=120,
                        primary_key=True,
                        serialize=False,
                        verbose_name="receiving host",
                    ),
                ),
                ("per_second", models.FloatField(verbose_name="mails a second")),
                ("cap", models.FloatField(blank=True, null=True, verbose_name="at most a second")),
                ("tokens", models.FloatField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "slowed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="slowed down"),
                ),
                (
                    "last_answer",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="answer of the server"
                    ),
                ),
            ],
            options={
                "verbose_name": "pace of a host",
                "verbose_name_plural": "paces of hosts",
            },
        ),
        migrations.CreateModel(
            name="MailAlarm",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("scope", models.CharField(blank=True, max_length=20)),
                ("detail", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
            ],
            options={
                "verbose_name": "mail alarm",
                "verbose_name_plural": "mail alarms",
            },
        ),
        migrations.CreateModel(
            name="MailEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                ("event_id", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hard_bounce", "Bounced for good"),
                            ("soft_bounce", "Bounced for now"),
                            ("complaint", "Marked as spam"),
                            ("unsubscribe", "Unsubscribed at the provider"),
                        ],
                        max_length=15,
                        verbose_name="what happened",
                    ),
                ),
                ("address_hash", models.CharField(blank=True, max_length=32)),
                (
                    "detail",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="what the server said"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "mail event",
                "verbose_name_plural": "mail events",
            },
        ),
        migrations.CreateModel(
            name="MailHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=20)),
                ("prefix", models.CharField(max_length=120)),
                (
                    "action",
                    models.CharField(
                        choices=[("hold", "Hold"), ("cancel", "Do not send")], max_length=10
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "hold on mail",
                "verbose_name_plural": "holds on mail",
            },
        ),
        migrations.CreateModel(
            name="SendGate",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("environment", models.CharField(max_length=32, verbose_name="installation")),
                ("is_open", models.BooleanField(default=True, verbose_name="open")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="why")),
                ("resume_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "send gate",
                "verbose_name_plural": "send gate",
            },
        ),
        migrations.AddField(
            model_name="consent",
            name="address_hash",
            field=models.CharField(default="", max_length=32),
        ),
        migrations.AddField(
            model_name="consent",
            name="basis",
            field=models.CharField(
                choices=[("express", "Asked for it"), ("implied", "Implied, with proof")],
                default="express",
                max_length=10,
                verbose_name="basis",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ends"),
        ),
        migrations.AddField(
            model_name="consent",
            name="mailing_list",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="outbox.mailinglist",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="proof",
            field=models.CharField(blank=True, max_length=200, verbose_name="proof"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="budgeted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="delivery",
            name="digest_path",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="delivery",
            name="digest_title",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="delivery",
            name="host",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="delivery",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mailbatch",
            name="resumed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="consent ends"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="in_digest",
            field=models.BooleanField(default=False, verbose_name="only in the weekly digest"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="paused_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="paused until"),
        ),
        migrations.AddField(
            model_name="suppression",
            name="evidence",
            field=models.CharField(blank=True, max_length=200, verbose_name="evidence"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="subscription",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="consents",
                to="outbox.subscription",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="outbox.mailbatch",
            ),
        ),
        migrations.AlterField(
            model_name="mailbatch",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="why"),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="at",
            field=models.DateTimeField(verbose_name="since"),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="cause",
            field=models.CharField(
                choices=[
                    ("bounced", "Mail came back"),
                    ("complained", "Marked as spam"),
                    ("unsubscribed", "Unsubscribed"),
                ],
                max_length=20,
                verbose_name="cause",
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="lifted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="lifted"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                fields=["mailing_list", "address_hash", "at"], name="consent_by_address"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["batch", "state", "ended_at"], name="delivery_of_batch"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "paused", "claimed", "uncertain"])),
                fields=["scope", "due_at"],
                name="delivery_outgoing",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("budgeted", True)),
                fields=["person", "ended_at"],
                name="delivery_budget",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("purged_at__isnull", True)),
                fields=["ended_at"],
                name="delivery_to_purge",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "implied"), ("given", True), _negated=True),
                    models.Q(("expires_at__isnull", False), models.Q(("proof", ""), _negated=True)),
                    _connector="OR",
                ),
                name="consent_implied_has_proof_and_end",
            ),
        ),
        migrations.AddField(
            model_name="mailevent",
            name="delivery",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="events",
                to="outbox.delivery",
            ),
        ),
        migrations.AddField(
            model_name="mailhold",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="sendgate",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="sendgate_one_row"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailevent",
            constraint=models.UniqueConstraint(
                fields=("provider", "event_id"), name="mailevent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailhold",
            constraint=models.UniqueConstraint(
                fields=("scope", "prefix"), name="mailhold_one_word"
            ),
        ),
    ]
