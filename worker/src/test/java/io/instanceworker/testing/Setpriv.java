package io.instanceworker.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Command prefixes of util-linux' setpriv, which becomes the command it runs. A death signal ends a server even when
 * this JVM is killed and no shutdown hook runs.
 */
final class Setpriv {

    /** The user "nobody", whom every Linux has. */
    static final int NOBODY = 65534;

    private static final Path PROGRAM = Path.of("/usr/bin/setpriv");

    private Setpriv() {}

    static List<String> sameUser(String deathSignal, List<String> command) {
        return Files.isExecutable(PROGRAM)
                ? join(List.of(PROGRAM.toString(), "--pdeathsig=" + deathSignal), command)
                : command;
    }

    static List<String> asNobody(String deathSignal, List<String> command) {
        if (!Files.isExecutable(PROGRAM)) {
            throw new IllegalStateException("PostgreSQL does not run as root, and without " + PROGRAM
                    + " (Debian: util-linux) no other user can be taken");
        }
        String user = String.valueOf(NOBODY);
        return join(
                List.of(
                        PROGRAM.toString(),
                        "--reuid=" + user,
                        "--regid=" + user,
                        "--clear-groups",
                        "--pdeathsig=" + deathSignal),
                command);
    }

    private static List<String> join(List<String> prefix, List<String> command) {
        List<String> joined = new ArrayList<>(prefix);
        joined.addAll(command);
        return List.copyOf(joined);
    }
}
