"""What all tests share: no random test fails because the machine is slow, and each failure can be replayed."""

from hypothesis import settings

settings.register_profile("policy_lang", deadline=None, print_blob=True)
settings.load_profile("policy_lang")
