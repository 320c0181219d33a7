from policy_lang.documents.grammar import grammar_path


def test_grammars_lie_in_one_folder() -> None:
    assert grammar_path("policy.lark").parent.is_dir()


def test_the_name_is_kept() -> None:
    assert grammar_path("policy.lark").name == "policy.lark"
