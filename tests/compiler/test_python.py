"""What is kept of generated code, and for how long."""

import gc
import inspect
import linecache

from policy_lang.compiler import python
from policy_lang.compiler.policy import Policy
from policy_lang.pipeline import compile_policy


def source_file(policy: Policy) -> str:
    return str(inspect.getsourcefile(policy.matches))


def test_the_text_of_the_code_is_shown() -> None:
    policy = compile_policy("device.shown == 'a' && device.shown_too == 'b'")
    policy.warm()
    assert "device.get('shown')" in inspect.getsource(policy.matches)


def test_the_text_goes_with_the_last_policy_that_runs_the_code() -> None:
    first, second = (compile_policy(f"device.gone == '{value}' && device.gone_too == 'b'") for value in "xy")
    first.warm(), second.warm()
    name = source_file(first)
    assert source_file(second) == name
    python._factory.cache_clear()  # noqa: SLF001  as when many other shapes follow
    del first
    gc.collect()
    assert name in linecache.cache
    del second
    gc.collect()
    assert name not in linecache.cache


def test_the_text_of_code_that_is_generated_again_stays() -> None:
    text = "device.again == 'a' && device.again_too == 'b'"
    old = compile_policy(text)
    old.warm()
    python._factory.cache_clear()  # noqa: SLF001  as when many other shapes follow
    new = compile_policy(text)
    new.warm()
    assert source_file(old) == source_file(new)
    del old
    gc.collect()
    assert "device.get('again')" in inspect.getsource(new.matches)
