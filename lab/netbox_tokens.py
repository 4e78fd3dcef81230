# SPDX-License-Identifier: Apache-2.0
# Run inside `netbox shell`: makes the lab's user and one token of each kind and prints them, "KIND VALUE" a line.
from users.models import Token, User

user = User.objects.create_superuser("admin", "admin@example.com", "admin")
token = Token(version=1, user=user, description="zync lab, v1")
token.save()
print("v1", token.token)
token = Token(version=2, user=user, description="zync lab, v2")
token.save()
print("v2", f"nbt_{token.key}.{token.token}")
