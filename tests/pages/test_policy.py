"""The policy of a page: the hashes of what it brought, and nothing else inline."""

from base64 import b64encode
from hashlib import sha256

from utterface.pages.policy import policy, policy_element


def hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def directives(rules: str) -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in rules.split("; "))


def test_scripts_and_styles_of_the_page_are_allowed_by_hash():
    page = "<style rel=x>a {}</style><script type=module>b('<style>c</style>')</script>"
    rules = directives(policy(page))
    assert rules["script-src"] == hash_of("b('<style>c</style>')") and rules["style-src"] == hash_of("a {}")
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe-inline" not in rules["script-src"] + rules["style-src"]


def test_data_needs_no_hash_and_a_page_without_scripts_runs_none():
    rules = directives(policy('<script type="application/octet-stream" id="x">AAAA</script>'))
    assert rules["script-src"] == rules["style-src"] == "'none'"


def test_scripts_of_what_is_not_trusted_are_not_allowed():
    rules = directives(policy("<script>ours</script>", styles="<style>drawn</style><script>theirs</script>"))
    assert rules["script-src"] == hash_of("ours") and rules["style-src"] == hash_of("drawn")


def test_the_element_holds_the_policy():
    assert policy_element("default-src 'none'").endswith("content=\"default-src 'none'\">")
