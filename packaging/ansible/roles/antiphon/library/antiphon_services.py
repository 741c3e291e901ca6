# Runs on the managed host, with any Python that Ansible knows.

DOCUMENTATION = r"""
module: antiphon_services
short_description: Have PAM services ask for the second factor, until that is taken back
description:
  - Runs C(antiphon enable --later). If something was changed, run C(antiphon confirm) in time, or the host takes it back.
  - What would lock people out, or could be jumped over, is refused.
  - In check mode nothing is changed, and the result is followed all the same.
options:
  services:
    description: The services, by the names of their files in /etc/pam.d.
    type: list
    elements: str
    required: true
  revert:
    description: When a change is taken back unless it is confirmed.
    type: str
    default: 2m
author: The Antiphon authors
"""

EXAMPLES = r"""
- name: Have services ask
  antiphon_services:
    services: [sshd, sudo, sudo-i]
"""

RETURN = r"""
until:
  description: When the change is taken back.
  returned: changed, and not in check mode
  type: str
"""

import json

from ansible.module_utils.basic import AnsibleModule


def says(finding):
    """A finding as one sentence, with its fix."""
    fix = finding.get("fix")
    return finding["says"] + (" (fix: %s)" % fix if fix else "")


def main():
    module = AnsibleModule(
        argument_spec={
            "services": {"type": "list", "elements": "str", "required": True},
            "revert": {"type": "str", "default": "2m"},
        },
        supports_check_mode=True,
    )
    how = ["--dry-run"] if module.check_mode else ["--later", "--revert", module.params["revert"]]
    command = ["/usr/sbin/antiphon", "--json", "enable"] + how + ["--"] + module.params["services"]
    status, said, complaint = module.run_command(command)
    found = json.loads(said) if said else {}
    if status != 0:
        reasons = [says(finding) for finding in found.get("findings", [])]
        module.fail_json(msg="; ".join(reasons + [complaint.strip()]), rc=status)
    module.exit_json(
        changed=found["result"] != "unchanged",
        until=found["until"],
        diff=[
            {
                "before_header": file["file"],
                "after_header": file["file"],
                "before": "".join(line + "\n" for line in file["removed"]),
                "after": "".join(line + "\n" for line in file["added"]),
            }
            for file in found["files"]
        ],
    )


if __name__ == "__main__":
    main()
