"""Attend on The Littlest JupyterHub: one password for the room, another for the teacher.

Lies in /opt/tljh/config/jupyterhub_config.d/, from where the hub reads it after its own settings.
README.md beside it says how it gets there.
"""

import json
from pathlib import Path

PASSWORDS = Path("/opt/tljh/config/attend-passwords.json")  # {"room": ..., "teacher": ...}

c = get_config()  # noqa: F821 (JupyterHub gives it to the files that it reads)
passwords = json.loads(PASSWORDS.read_text(encoding="utf-8"))

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = passwords["room"]
c.SharedPasswordAuthenticator.admin_password = passwords["teacher"]
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"teacher"}
# Each name becomes an account of the server's system, which takes no others.
c.Authenticator.username_pattern = r"^[a-z][a-z0-9-]{0,23}$"

c.Spawner.default_url = "/lab/tree/attend/notebooks"
c.SystemdSpawner.mem_limit = "3G"
c.SystemdSpawner.cpu_limit = 2.0
