package io.instanceworker.sweep;

import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.journal.Journal;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.sweep.SweepMonitor.Outcome;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes databases that attempts have left unfinished, and deleted ones from the trash, on all servers, once they are old enough.
 * The engine makes sure that no job works on such a database, by the lock of the database that the job was to create, or of the
 * name that the deleted one had.
 */
final class Sweep {

    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    private final Servers servers;
    private final WorkerProperties.Sweep settings;
    private final SweepMonitor monitor;
    private volatile boolean stopping;

    Sweep(Servers servers, WorkerProperties.Sweep settings, SweepMonitor monitor) {
        this.servers = servers;
        this.settings = settings;
        this.monitor = monitor;
    }

    /** Starts no further removal. A running drop continues to its end. */
    void stop() {
        stopping = true;
    }

    /** Never throws. What fails is tried again in the next round. */
    void round() {
        for (Server server : servers.all()) {
            try {
                sweep(server);
            } catch (ProvisioningException e) {
                monitor.swept(server.name(), Outcome.FAILED);
                log.warn("The sweep of server {} waits for the next round: {}", server.name(), e.getMessage());
            } catch (RuntimeException | LinkageError e) {
                monitor.swept(server.name(), Outcome.FAILED);
                log.error("The sweep of server {} failed, which is a defect of the engine", server.name(), e);
            }
        }
    }

    private void sweep(Server server) {
        if (stopping) {
            return;
        }
        for (Leftover leftover : server.guard().reach(() -> server.provisioner().leftovers())) {
            if (!stopping && leftover.age().compareTo(settings.olderThan()) > 0) {
                remove(
                        server,
                        leftover.databaseName(),
                        leftover.age(),
                        () -> server.provisioner().removeLeftover(leftover));
            }
        }
        Duration retention = server.rules().trashRetention();
        for (TrashedInstance trashed :
                server.guard().reach(() -> server.provisioner().trash())) {
            if (!stopping && trashed.age().compareTo(retention) > 0) {
                remove(
                        server,
                        trashed.databaseName(),
                        trashed.age(),
                        () -> server.provisioner().dropTrashed(trashed, retention));
            }
        }
        server.journal().ifPresent(journal -> trim(server, journal));
    }

    private void trim(Server server, Journal journal) {
        int removed = settings.dryRun() ? 0 : journal.removeOlderThan(settings.journalRetention());
        if (removed > 0) {
            log.info(
                    "Removed {} rows of jobs that were received more than {} days ago from the journal of server {}",
                    removed,
                    settings.journalRetention().toDays(),
                    server.name());
        }
    }

    private void remove(Server server, String name, Duration exactAge, BooleanSupplier removal) {
        Duration age = exactAge.truncatedTo(ChronoUnit.SECONDS);
        if (settings.dryRun()) {
            monitor.swept(server.name(), Outcome.WOULD_REMOVE);
            log.info("Would remove {} on server {}, {} old, if its lock is free (dry run)", name, server.name(), age);
            return;
        }
        try {
            if (removal.getAsBoolean()) {
                monitor.swept(server.name(), Outcome.REMOVED);
                log.info("Removed {} on server {}, {} old", name, server.name(), age);
            } else {
                monitor.swept(server.name(), Outcome.BUSY);
                log.info(
                        "Left {} on server {}, {} old: a job has its lock, or it was removed or restored meanwhile",
                        name,
                        server.name(),
                        age);
            }
        } catch (ProvisioningException e) {
            monitor.swept(server.name(), Outcome.FAILED);
            log.warn(
                    "Could not remove {} on server {}, {} old; it is tried again at the next round: {}",
                    name,
                    server.name(),
                    age,
                    e.getMessage());
        }
    }
}
