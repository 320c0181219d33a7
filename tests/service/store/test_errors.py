import pickle

from policy_lang.service.store.errors import ConflictError, StoreError


def test_an_error_has_a_message_and_a_remedy_and_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(ConflictError("the id is taken", "choose another one")))  # noqa: S301  our own bytes
    assert isinstance(error, StoreError)
    assert (str(error), error.message, error.remedy) == ("the id is taken", "the id is taken", "choose another one")
