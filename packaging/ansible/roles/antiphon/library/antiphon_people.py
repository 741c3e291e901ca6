# Runs on the managed host, with any Python that Ansible knows.

DOCUMENTATION = r"""
module: antiphon_people
short_description: Give people the second factor whose secrets are kept elsewhere
description:
  - Hands the secrets to C(antiphon import oath) on its standard input. Who has the same secret already is left as is;
    who has another one is left as is, and the task fails.
  - In check mode nothing is written.
options:
  people:
    description: Whom to enrol.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The person, by a name that the host knows.
        type: str
        required: true
      secret:
        description: The secret of the authenticator app, in base32.
        type: str
        required: true
      digits:
        description: How many digits its codes have.
        type: int
        choices: [6, 7, 8]
        default: 6
      period:
        description: How many seconds each code lasts.
        type: int
        default: 30
author: The Antiphon authors
"""

EXAMPLES = r"""
- name: Enrol people
  antiphon_people:
    people: "{{ vault_antiphon_people }}"
"""

RETURN = r"""
people:
  description: What became of each, with C(user), C(outcome) and, of whom was left out, C(reason).
  returned: always
  type: list
"""

import base64
import binascii
import json
import re

from ansible.module_utils.basic import AnsibleModule


def line_of(person, module):
    """The person's line, in the form of pam_oath's users file."""
    name = person["name"]
    # Blanks part the columns there.
    if not re.match(r"^[^\s#]+$", name):
        module.fail_json(msg="not the name of a user: %r" % name)
    key = re.sub(r"[\s-]", "", person["secret"]).rstrip("=").upper()
    try:
        secret = base64.b32decode(key + "=" * (-len(key) % 8))
    except (binascii.Error, ValueError):
        module.fail_json(msg="%s: the secret is not base32" % name)
    return "HOTP/T%d/%d %s - %s\n" % (
        person["period"],
        person["digits"],
        name,
        binascii.hexlify(secret).decode("ascii"),
    )


def main():
    module = AnsibleModule(
        argument_spec={
            "people": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "secret": {"type": "str", "required": True, "no_log": True},
                    "digits": {"type": "int", "choices": [6, 7, 8], "default": 6},
                    "period": {"type": "int", "default": 30},
                },
            }
        },
        supports_check_mode=True,
    )
    lines = "".join(line_of(person, module) for person in module.params["people"])
    command = ["/usr/sbin/antiphon", "--json", "import", "oath", "-"]
    if not module.check_mode:
        command.append("--yes")
    status, said, complaint = module.run_command(command, data=lines, binary_data=True)
    # 1 says that some were left out.
    if status not in (0, 1):
        module.fail_json(msg=complaint.strip(), rc=status)
    people = [
        {part: person[part] for part in ("user", "outcome", "reason")}
        for person in json.loads(said)["people"]
    ]
    new = [person["user"] for person in people if person["outcome"] in ("ready", "imported")]
    left_out = [person for person in people if person["outcome"] == "left-out"]
    result = {
        "changed": bool(new),
        "people": people,
        "diff": {
            "before_header": "enrolled",
            "after_header": "enrolled",
            "before": "",
            "after": "".join(name + "\n" for name in new),
        },
    }
    if left_out:
        reasons = ["%s: %s" % (person["user"], person["reason"]) for person in left_out]
        module.fail_json(msg="left out: " + "; ".join(reasons), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
