package io.instanceworker.endtoend;

import io.instanceworker.testing.Forwarder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that restarts just when a worker connects to it for the first time. */
class FirstConnectionIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    private static final int CUTS = 3;

    /** Cuts the connections on which a statement is sent, the first few times. */
    private static final class CutAt extends Forwarder {
        private final String statement;
        private final AtomicInteger left = new AtomicInteger(CUTS);

        CutAt(String statement) {
            super(e2e.postgres().host(), e2e.postgres().port());
            this.statement = statement;
        }

        @Override
        protected void toServer(InputStream from, OutputStream to) throws IOException {
            byte[] buffer = new byte[8192];
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                if (new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(statement)
                        && left.getAndDecrement() > 0) {
                    return;
                }
                to.write(buffer, 0, read);
            }
        }
    }

    /** Of the pool's own, and of the worker's. */
    @ParameterizedTest
    @ValueSource(strings = {"ISOLATION LEVEL", "set_config", "pg_try_advisory_lock"})
    void aConnectionLostAtItsFirstStatementDoesNotStopTheWorker(String statement) {
        String name = statement.replace(' ', '_').toLowerCase(java.util.Locale.ROOT);
        try (CutAt way = new CutAt(statement)) {
            way.open();
            WorkerProcess worker = e2e.start(e2e.settings()
                            .server("default", "jdbc:postgresql://127.0.0.1:" + way.port() + "/postgres", e2e.login()))
                    .awaitReady();
            e2e.events();

            e2e.send(JobJson.of("Add", "add-" + name, e2e.database(name)));
            e2e.send(JobJson.of("Status", "status-" + name, e2e.database(name)));

            e2e.events().awaitSuccess("add-" + name);
            e2e.events().awaitSuccess("status-" + name);
            e2e.send(JobJson.of("Delete", "delete-" + name, e2e.database(name)));
            e2e.events().awaitSuccess("delete-" + name);
            worker.kill();
        }
    }
}
