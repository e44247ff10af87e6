"""A small memory of what is computed once and then shared by all visitors."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, Protocol, TypeVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer", covariant=True)


class Cached(Protocol[Arguments, Answer]):
    """A function that computes the same only once, see `cached`."""

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        """The answer, computed now or earlier."""

    def clear(self) -> None:
        """Forget all answers."""


def cached(
    most: int, key: Callable[..., Hashable] = lambda *arguments: arguments
) -> Callable[[Callable[Arguments, Answer]], Cached[Arguments, Answer]]:
    """Keep the answers of a function to the `most` arguments that were asked for last.

    Everybody gets the same object, which must not be changed. Who asks for what another is computing
    waits for it; an error is raised and not kept. `key` names the arguments where they are not
    hashable or slow to hash: `st.cache_resource`, which hashes what they hold, takes longer than most
    of what is kept here takes to find.
    """

    def decorate(function: Callable[Arguments, Answer]) -> Cached[Arguments, Answer]:
        answers: OrderedDict[Hashable, Future[Answer]] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def ask(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            name = key(*args, **kwargs)
            with lock:
                known = answers.get(name)
                if known is None:
                    own = answers[name] = Future[Answer]()
                    if len(answers) > most:
                        answers.popitem(last=False)
                else:
                    answers.move_to_end(name)
            if known is not None:
                return known.result()
            try:
                answer = function(*args, **kwargs)
            except BaseException as error:
                with lock:
                    if answers.get(name) is own:
                        del answers[name]
                own.set_exception(error)
                raise
            own.set_result(answer)
            return answer

        def clear() -> None:
            with lock:
                answers.clear()

        forgetful: Any = ask
        forgetful.clear = clear
        return forgetful

    return decorate
