package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.UsageException;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which workers are asked, and with which login. */
final class WorkerOptions {

    /** The environment variable with the password. */
    static final String PASSWORD = "INSTANCECTL_PASSWORD";

    private static final String DEFAULT_URL = "http://localhost:8081";

    @Option(
            names = "--worker",
            paramLabel = "URL",
            description = "the management address of a worker; may be repeated; " + DEFAULT_URL + " if not given")
    private List<URI> workers = new ArrayList<>();

    @Option(
            names = "--user",
            paramLabel = "USER",
            description =
                    "the user of remote-control. Its password comes from --password-file, from the environment variable "
                            + PASSWORD + ", or is asked for")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "a file with the password")
    private @Nullable Path passwordFile;

    /** @throws UsageException for an address that is none, or has a password in it */
    List<URI> workers() {
        for (URI worker : workers) {
            if (worker.getHost() == null || !List.of("http", "https").contains(worker.getScheme())) {
                throw new UsageException("--worker must be an address such as " + DEFAULT_URL + ".");
            }
            if (worker.getUserInfo() != null) {
                throw new UsageException("--worker must not have a password in it; see --user and --password-file.");
            }
        }
        return workers.isEmpty() ? List.of(URI.create(DEFAULT_URL)) : workers;
    }

    /** The value of the header Authorization; null without a user. */
    @Nullable String authorization() {
        if (user == null) {
            return null;
        }
        byte[] login = (user + ":" + password()).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(login);
    }

    /** A password is no argument, because every user of the machine can see the arguments of a process. */
    @SuppressWarnings("SystemConsoleNull") // From JDK 22 on the password is then read from a file as input.
    private String password() {
        String inEnvironment = System.getenv(PASSWORD);
        if (passwordFile != null) {
            try {
                return Files.readString(passwordFile, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
            } catch (IOException e) {
                throw new UsageException("The password cannot be read from " + passwordFile + ".");
            }
        }
        if (inEnvironment != null) {
            return inEnvironment;
        }
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("Password of %s: ", user);
        if (typed == null) {
            throw new UsageException("The password is missing: give --password-file, or set " + PASSWORD + ".");
        }
        return new String(typed);
    }
}
