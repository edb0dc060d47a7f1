package io.instanceworker.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How RabbitMQ's and Erlang's programs are run: those that are installed on this machine, or those of another Debian
 * whose root folder a variable names. Nothing of that other Debian runs but these programs.
 */
final class RabbitMqPrograms {

    private static final String VARIABLE = "INSTANCE_WORKER_TEST_RABBITMQ_ROOT";
    private static final String BIN = "usr/lib/rabbitmq/bin/";

    /**
     * Makes this machine's processes, devices and temporary files visible below the root folder, and runs a program
     * there. The mounts belong to this program and its children, and end with them, however they end.
     */
    private static final String ENTER = """
            set -e
            root=$1 temporary=$2
            shift 2
            mount -t tmpfs tmpfs "$root/tmp"
            mount --rbind /proc "$root/proc"
            mount --rbind /dev "$root/dev"
            mkdir -p "$root$temporary"
            mount --bind "$temporary" "$root$temporary"
            exec chroot "$root" "$@"
            """;

    private static final Path MACHINE = Path.of("/");
    private static final Path ROOT = Path.of(System.getenv().getOrDefault(VARIABLE, "/"));

    private RabbitMqPrograms() {}

    /** Whether the variable asks for the programs of another Debian. */
    static boolean areElsewhere() {
        return !ROOT.equals(MACHINE);
    }

    static void requireThere() {
        if (!Files.isExecutable(ROOT.resolve(BIN + "rabbitmq-server"))) {
            throw new IllegalStateException(
                    areElsewhere()
                            ? "There is no RabbitMQ in " + ROOT + ", which " + VARIABLE
                                    + " names; deploy/local/lib/rabbitmq-root makes such a folder"
                            : "RabbitMQ is not installed; deploy/local/lib/ensure-rabbitmq does that");
        }
    }

    static List<String> server() {
        return command("/" + BIN + "rabbitmq-server");
    }

    static List<String> control(String... arguments) {
        List<String> command = new ArrayList<>(command("/" + BIN + "rabbitmqctl"));
        command.addAll(List.of(arguments));
        return command;
    }

    static List<String> epmd(int port) {
        return command("epmd", "-address", "127.0.0.1", "-port", String.valueOf(port));
    }

    private static List<String> command(String... program) {
        List<String> command = new ArrayList<>();
        if (areElsewhere()) {
            String temporary = System.getProperty("java.io.tmpdir");
            command.addAll(List.of("unshare", "--mount", "sh", "-c", ENTER, "sh", ROOT.toString(), temporary));
        }
        command.addAll(List.of(program));
        return command;
    }

    /** For a person. */
    static String description() {
        return areElsewhere() ? "in " + ROOT : "installed on this machine";
    }
}
