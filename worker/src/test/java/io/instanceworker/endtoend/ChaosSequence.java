package io.instanceworker.endtoend;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Lets the faults of one lane happen, one after the other. */
final class ChaosSequence {

    private final ChaosServers servers;
    private final List<ChaosWorker> workers;
    private final ChaosTimeline timeline;

    ChaosSequence(ChaosServers servers, List<ChaosWorker> workers, ChaosTimeline timeline) {
        this.servers = servers;
        this.workers = workers;
        this.timeline = timeline;
    }

    void run(List<ChaosFault> faults) throws InterruptedException {
        for (ChaosFault fault : faults) {
            TimeUnit.MILLISECONDS.sleep(fault.after());
            timeline.happened(fault);
            strike(fault);
        }
    }

    private void strike(ChaosFault fault) throws InterruptedException {
        ChaosWorker worker = workers.get(fault.worker());
        switch (fault.kind()) {
            case BROKER_STOP -> lasting(fault, servers.broker()::stop, servers.broker()::startAgain);
            case BROKER_KILL -> lasting(fault, servers.broker()::kill, servers.broker()::startAgain);
            case POSTGRES_FAST_STOP -> lasting(fault, servers.postgres()::stopFast, servers.postgres()::startAgain);
            case POSTGRES_IMMEDIATE_STOP ->
                lasting(fault, servers.postgres()::stopImmediate, servers.postgres()::startAgain);
            case POSTGRES_KILL -> lasting(fault, servers.postgres()::kill, servers.postgres()::startAgain);
            case WORKER_KILL -> lasting(fault, worker::kill, worker::start);
            case WORKER_SIGTERM -> lasting(fault, worker::terminate, worker::start);
            case BROKER_LINE_CUT -> worker.toBroker().cut();
            case BROKER_LINE_CLOSED -> lasting(fault, worker.toBroker()::shut, worker.toBroker()::open);
            case BROKER_ANSWER_LOST, BROKER_REQUEST_LOST -> lose(fault, worker.toBroker());
            case POSTGRES_LINE_CUT -> worker.toPostgres().cut();
            case POSTGRES_LINE_CLOSED -> lasting(fault, worker.toPostgres()::shut, worker.toPostgres()::open);
            case POSTGRES_ANSWER_LOST -> lose(fault, worker.toPostgres());
            case DATABASE_IN_USE -> use(fault);
        }
    }

    private static void lasting(ChaosFault fault, Runnable begin, Runnable end) throws InterruptedException {
        begin.run();
        TimeUnit.MILLISECONDS.sleep(fault.lasts());
        end.run();
    }

    /** It waits for that beyond its own time: until the end, or until something else is to be lost. */
    private void lose(ChaosFault fault, Line line) {
        line.lose(fault.saying());
    }

    private void use(ChaosFault fault) throws InterruptedException {
        try (Connection session = servers.databases().session(fault.database(), "at work")) {
            TimeUnit.MILLISECONDS.sleep(fault.lasts());
        } catch (SQLException e) {
            timeline.say(
                    "  could not use it: " + e.getMessage().lines().findFirst().orElse(""));
        }
    }
}
