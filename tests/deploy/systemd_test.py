"""`cmake --install` into a scratch folder, and the units that it puts there."""

import os
import re
import shutil
import subprocess
import unittest

from deployment import DEPLOY, PORTS, WAIT, checked, folder, settings, unknown_variables

BUILD = os.environ["LVP_BUILD"]
EXPOSURE_MAX = 20  # tenths, as `systemd-analyze security` reckons: 0 is nothing, 100 all
HAS_SYSTEMD = shutil.which("systemd-analyze") is not None


def install(root):
    subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], env={**os.environ, "DESTDIR": root},
                   check=True, capture_output=True, timeout=60)


def analyze(root, *arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{root}/usr/lib/systemd/system:"})
    return done.returncode, (done.stdout + done.stderr).splitlines()


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = folder()
        cls.root = cls.scratch.__enter__()
        cls.addClassCleanup(cls.scratch.__exit__, None, None, None)
        install(cls.root)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def test_the_program_takes_the_configurations_that_are_installed(self):
        program = self.path("usr/bin/lvp")
        for name in ("lvp.toml", "distributed.toml"):
            done = subprocess.run([program, "check", "--config", self.path("etc/lvp", name)], capture_output=True,
                                  text=True, timeout=WAIT)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.path.isfile(self.path("usr/share/lvp/config/reference.toml")))

    def test_a_second_install_leaves_what_the_administrator_changed(self):
        with folder() as root:
            install(root)
            changed = os.path.join(root, "etc/lvp/lvp.toml")
            with open(changed, "a", encoding="utf-8") as file:
                file.write("# ours\n")
            install(root)
            with open(changed, encoding="utf-8") as file:
                self.assertTrue(file.read().endswith("# ours\n"))

    @unittest.skipUnless(HAS_SYSTEMD, "there is no systemd-analyze")
    def test_systemd_understands_the_units(self):
        code, lines = analyze(self.root, "verify", "--man=no", "lvp.service", "lvp@collect.service")
        # The scratch folder's program is not where systemd looks for it; nothing else may be wrong.
        self.assertEqual([line for line in lines if "Command lvp is not executable" not in line], [], code)

    @unittest.skipUnless(HAS_SYSTEMD, "there is no systemd-analyze")
    def test_the_units_leave_little_open(self):
        for unit in ("lvp.service", "lvp@.service"):
            code, lines = analyze(self.root, "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", unit)
            self.assertEqual(code, 0, "\n".join(lines))


class Units(unittest.TestCase):
    def texts(self):
        return {path.name: path.read_text() for path in (DEPLOY / "systemd").iterdir()}

    def test_every_variable_is_a_setting(self):
        for name, text in self.texts().items():
            self.assertEqual(unknown_variables(text), set(), name)

    def test_commands_take_their_options(self):
        for name, text in self.texts().items():
            for line in re.findall(r"^ExecStart=lvp up (.*)$", text, re.M):
                options = set(re.findall(r"--[a-z]+", line))
                self.assertLessEqual(options, {"--stages", "--config", "--data"}, name)

    def test_the_service_keeps_what_it_keeps_where_it_may_write(self):
        held = settings("--config", str(DEPLOY / "systemd" / "lvp.toml"))
        self.assertEqual(held["data.dir"], '"/var/lib/lvp"')
        for section, port in PORTS.items():
            self.assertEqual(held[f"{section}.port"], str(port))

    def test_a_private_port_can_be_given_to_a_stage(self):
        code, out = checked(environment={"LVP__PRIVATE__PORT": "0"})
        self.assertEqual(code, 0)
        self.assertIn("private.port = 0\n", out)


if __name__ == "__main__":
    unittest.main()
