package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.RabbitMqServer;
import java.time.Duration;

/**
 * What a measurement uses.
 *
 * @param postgres the server of most measurements
 * @param login the worker's role there
 */
record Run(
        RabbitMqServer rabbit,
        PostgresServer postgres,
        Login login,
        Site.WorkerProgram program,
        Options options,
        Findings findings) {

    /** A virtual host of its own, and the server of most measurements. */
    Site open() {
        return Site.open(rabbit, postgres, login, program);
    }

    /** Another server, with the same settings. */
    PostgresServer startPostgres(int major) {
        return PostgresServer.startOwn(major, options.postgresSettings);
    }

    int size(String name) {
        return options.sizes.get(name);
    }

    /** After which a round is taken as it is. */
    Duration limit() {
        return Duration.ofSeconds(size("limit-seconds"));
    }

    /** Whether not all of a backlog was worked off in time, which is then noted. */
    boolean isCutOff(String what, int jobs, int ended) {
        if (ended == jobs) {
            return false;
        }
        findings.note(what + ": " + ended + " of " + jobs + " jobs ended in " + limit().toSeconds()
                + " s; the speed is of these, and there are no more rounds.");
        return true;
    }
}
