package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that exports its spans to an OTLP receiver. */
class TracingIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";
    private static final int TRACE_AT = 3;

    /** Protocol Buffers that are read as text: byte for byte, so that texts and ids can be found in it. */
    private static final List<String> RECEIVED = new CopyOnWriteArrayList<>();

    private static HttpServer collector;

    @BeforeAll
    static void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            RECEIVED.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        e2e.start(e2e.settings().with("otel.exporter.otlp.endpoint", endpoint).with("otel.bsp.schedule.delay", "100"))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        collector.stop(0);
    }

    private static String bytes(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    private static String received() {
        return String.join("", RECEIVED);
    }

    private static void awaitReceived(String... parts) {
        for (String part : parts) {
            Await.until("a span with " + part, () -> received().contains(part));
        }
    }

    private static String traceOf(Event event) {
        String traceparent = event.json().get("traceparent").asString();
        assertThat(event.properties().getHeaders().get("traceparent")).hasToString(traceparent);
        return traceparent.substring(TRACE_AT, TRACE_AT + TRACE.length());
    }

    @Test
    void theTraceOfAJobReachesItsResultThroughTheWaitTiersAndItsSpansAreExported() throws Exception {
        String source = e2e.database("source");
        e2e.send(JobJson.of("Add", "source", source));
        e2e.events().awaitSuccess("source");
        try (Connection busy = e2e.databases().session(source, "busy")) {
            e2e.publish(
                    JobJson.of("Copy", "traced", e2e.database("traced"))
                            .source(source)
                            .toString(),
                    "job.copy",
                    Map.of("headers", Map.of("traceparent", TRACEPARENT, "tracestate", "vendor=1")));
            Await.until(
                    "an attempt has failed",
                    () -> e2e.events().outcomes("traced").contains("Failed"));
            assertThat(busy.isValid(1)).isTrue();
        }
        Event done = e2e.events().awaitSuccess("traced");

        assertThat(e2e.events().of("traced"))
                .allSatisfy(event -> assertThat(traceOf(event)).isEqualTo(TRACE));
        assertThat(done.json().get("tracestate").asString()).isEqualTo("vendor=1");
        assertThat(done.json().get("traceparent").asString())
                .as("published in a span of the worker")
                .doesNotContain(PARENT);
        awaitReceived(
                bytes(TRACE),
                bytes(PARENT),
                "process instance.jobs.provision",
                "publish instance.events:status.copy.failed",
                "publish instance.events:status.copy.succeeded",
                "messaging.system",
                "rabbitmq",
                "traced",
                "SOURCE_BUSY");
    }

    @Test
    void aJobWithoutATraceStartsOne() {
        e2e.send(JobJson.of("Status", "not-traced", e2e.database("absent")));

        String trace = traceOf(e2e.events().awaitSuccess("not-traced"));

        awaitReceived(bytes(trace), "process instance.jobs.query");
    }
}
