"""The Dockerfile and the compose files, as far as they can be read without a container engine."""

import re
import unittest

import yaml
from deployment import DEPLOY, PORTS, ROOT, STAGES, VARIABLE, checked, settings, unknown_variables

DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text()
COMPOSE = {path.stem: yaml.safe_load(path.read_text()) for path in (DEPLOY / "compose").glob("*.yaml")}


def our_services():
    """(compose file, service, its description) of everything that runs lvp."""
    return [(file, name, service) for file, compose in COMPOSE.items()
            for name, service in compose["services"].items() if service.get("image") == "lvp"]


def environment_of(service):
    """As compose would make it, with a token for the one that is asked for."""
    return {name: re.sub(r"\$\{LVP_TOKEN:[^}]*\}", "0123456789abcdef", value)
            for name, value in service["environment"].items()}


def configuration_of(service):
    """The file in this source that is mounted where --config points; None if the command has none."""
    command = service.get("command", ["up"])
    if "--config" not in command:
        return None
    inside = command[command.index("--config") + 1]
    for volume in service["volumes"]:
        outside, _, rest = volume.partition(":")
        if rest.split(":")[0] == inside:
            return (DEPLOY / "compose" / outside).resolve()
    raise AssertionError(f"nothing is mounted at {inside}")


class Image(unittest.TestCase):
    def test_what_it_copies_from_here_exists(self):
        for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M):
            for source in sources.split():
                self.assertTrue((ROOT / source).exists(), source)

    def test_it_runs_as_somebody_else_than_root(self):
        user = re.search(r"^USER (\d+)$", DOCKERFILE, re.M)[1]
        self.assertNotEqual(user, "0")
        self.assertIn(f"--uid {user} ", DOCKERFILE)

    def test_ports_and_variables_are_the_programs(self):
        exposed = re.search(r"^EXPOSE (.*)$", DOCKERFILE, re.M)[1].split()
        held = settings()
        self.assertEqual(exposed, [held[f"{section}.port"] for section in PORTS])
        self.assertEqual(unknown_variables(DOCKERFILE), set())

    def test_nothing_that_is_built_here_goes_into_it(self):
        ignored = (ROOT / ".dockerignore").read_text().split()
        self.assertLessEqual({".git", "build", "**/node_modules"}, set(ignored))


class Compose(unittest.TestCase):
    def test_the_program_takes_each_configuration(self):
        for file, name, service in our_services():
            with self.subTest(file=file, service=name):
                environment = environment_of(service)
                self.assertEqual({variable for variable in environment if not VARIABLE.fullmatch(variable)}, set())
                configuration = configuration_of(service)
                arguments = ["--config", str(configuration)] if configuration else []
                code, out = checked(*arguments, environment=environment)
                self.assertEqual(code, 0, out)

    def test_commands_and_stages_exist(self):
        for file, name, service in our_services():
            command = service.get("command", ["up"])
            self.assertEqual(command[0], "up", (file, name))
            self.assertLessEqual({word for word in command if word.startswith("--")}, {"--stages", "--config"})
            if "--stages" in command:
                self.assertEqual(command[command.index("--stages") + 1], name)
                self.assertIn(name, STAGES)

    def test_every_stage_that_needs_no_table_is_there(self):
        stages = {name for file, name, _ in our_services() if file == "distributed"}
        self.assertEqual(stages, set(STAGES) - {"sink"})

    def test_the_dashboard_is_for_this_machine_and_ports_are_the_usual(self):
        for _, name, service in our_services():
            for port in service.get("ports", []):
                *address, outside, inside = port.split(":")
                self.assertEqual(outside, inside)
                self.assertIn(int(inside), PORTS.values())
                self.assertEqual(address, ["127.0.0.1"] if int(inside) == PORTS["private"] else [], name)

    def test_the_brokers_are_where_stages_look_for_them(self):
        compose = COMPOSE["distributed"]
        advertised = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
        for file, _, service in our_services():
            if file == "distributed":
                self.assertEqual("PLAINTEXT://" + service["environment"]["LVP__KAFKA__BROKERS"], advertised)

    def test_volumes_are_declared_and_files_exist(self):
        for file, compose in COMPOSE.items():
            for name, service in compose["services"].items():
                for volume in service.get("volumes", []):
                    source = volume.split(":")[0]
                    if source.startswith("."):
                        self.assertTrue((DEPLOY / "compose" / source).exists(), (file, name, source))
                    else:
                        self.assertIn(source, compose.get("volumes", {}), (file, name))

    def test_a_stop_has_the_time_that_the_service_has(self):
        unit = (DEPLOY / "systemd" / "hardening.conf").read_text()
        wait = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.M)[1]
        for file, name, service in our_services():
            self.assertEqual(service["stop_grace_period"], f"{wait}s", (file, name))


if __name__ == "__main__":
    unittest.main()
