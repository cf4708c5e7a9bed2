import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from cop.core.broker import valkey

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """A cache that knows nothing while Valkey is away: never an error, and no waiting in line."""

    def _try(self, method: str, default: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if valkey.is_broken():
            return default
        try:
            answer = getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError):
            valkey.failed()
            logger.warning("cache_unreachable", extra={"operation": method})
            return default
        valkey.worked()
        return answer

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:  # noqa: ANN401
        return self._try("get", default, key, default, version)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return self._try("set", None, key, value, *args, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401
        return self._try("add", True, key, value, *args, **kwargs)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._try("delete", False, key, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return self._try("incr", delta, key, delta, version)

    def touch(self, key: str, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401
        return self._try("touch", False, key, *args, **kwargs)
