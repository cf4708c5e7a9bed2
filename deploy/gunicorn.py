"""How gunicorn serves the site. GUNICORN_CMD_ARGS overrides any of it."""

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = 2
threads = 8
# A sign of life on a disk that stalls would get a healthy worker killed.
worker_tmp_dir = "/dev/shm"  # noqa: S108
control_socket_disable = True
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# The application logs each request by the name of its route. A path may hold the token of a
# signed link, so no path is ever logged here.
accesslog = None
