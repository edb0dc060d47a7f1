package io.instanceworker.cli;

import io.instanceworker.cli.console.Printable;
import io.instanceworker.cli.console.Table;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.contracts.result.InstanceInfo;
import io.instanceworker.messaging.client.ReceivedEvent;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Prints events for people; as JSON in ASCII, so that no text of a job can control the terminal. */
final class EventPrinter {

    /** What people see of a result, by its place in the event. Info and a page of databases follow. */
    private static final List<Map.Entry<String, String>> FACTS = List.of(
            Map.entry("job", "/data/jobId"),
            Map.entry("operation", "/data/operation"),
            Map.entry("server", "/data/server"),
            Map.entry("database", "/data/instance/databaseName"),
            Map.entry("instance", "/data/instance/id"),
            Map.entry("tenant", "/data/instance/tenant"),
            Map.entry("name", "/data/instance/name"),
            Map.entry("outcome", "/data/outcome"),
            Map.entry("changed", "/data/changed"),
            Map.entry("status", "/data/status"),
            Map.entry("state", "/data/state/name"),
            Map.entry("attempt", "/data/attempt"),
            Map.entry("durationMs", "/data/durationMs"),
            Map.entry("connectionString", "/data/connectionString"),
            Map.entry("errorCode", "/data/error/code"),
            Map.entry("error", "/data/error/message"));

    private EventPrinter() {}

    static void result(ReceivedEvent event, boolean json, PrintStream out) {
        if (json) {
            out.println(StrictJson.writeAscii(event.json()));
            return;
        }
        JsonNode page = event.json().at("/data/instances");
        if (page.isArray() && event.succeeded()) {
            page(event, page, out);
            return;
        }
        FACTS.forEach(fact -> fact(fact.getKey(), event.text(fact.getValue()), out));
        event.json().at("/data/info").properties().forEach(each -> {
            if (each.getValue().isValueNode() && !each.getValue().isNull()) {
                fact(each.getKey(), each.getValue().asString(), out);
            }
        });
        event.json().at("/data/warnings").forEach(warning -> fact("warning", warning.asString(), out));
    }

    private static void fact(String name, @Nullable String value, PrintStream out) {
        if (value != null) {
            out.printf(Locale.ROOT, "%-17s %s%n", name, Printable.of(value));
        }
    }

    private static void page(ReceivedEvent event, JsonNode instances, PrintStream out) {
        boolean trash = instances.path(0).has("trash");
        Table table = trash
                ? new Table("DATABASE", "INSTANCE", "TENANT", "SIZE", "DELETED", "KEPT UNTIL", "IN THE TRASH AS")
                : new Table("DATABASE", "INSTANCE", "TENANT", "STATE", "SIZE", "SESSIONS");
        for (JsonNode each : instances) {
            String database = string(each.at("/instance/databaseName"));
            String id = string(each.at("/instance/id"));
            String tenant = string(each.at("/instance/tenant"));
            JsonNode bytes = each.path("sizeBytes");
            String size = bytes.isNumber() ? InstanceInfo.readable(bytes.asLong()) : null;
            if (trash) {
                table.add(
                        database,
                        id,
                        tenant,
                        size,
                        string(each.at("/trash/deletedAt")),
                        string(each.at("/trash/keptUntil")),
                        string(each.at("/trash/databaseName")));
            } else {
                table.add(
                        database,
                        id,
                        tenant,
                        string(each.at("/state/name")),
                        size,
                        string(each.at("/activeConnections")));
            }
        }
        table.print(out);
        String counts = event.json().at("/data/stateCounts").properties().stream()
                .map(count -> ", " + count.getValue().asInt() + " " + count.getKey())
                .collect(Collectors.joining());
        int total = event.json().at("/data/total").asInt(0);
        int perPage = event.json().at("/data/perPage").asInt(1);
        out.println(Printable.of("Page " + event.text("/data/page") + " of "
                + Math.max(1, (total + perPage - 1) / perPage) + ", databases on all pages: " + total + counts));
    }

    private static @Nullable String string(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? null : node.asString();
    }

    /** One line on what has happened to the job so far. */
    static void progress(ReceivedEvent event, PrintStream err) {
        err.println(Printable.of(time(event) + "  " + summary(event)));
    }

    /** One line for {@code watch}. */
    static String line(ReceivedEvent event) {
        List<String> parts = new ArrayList<>(List.of(time(event)));
        parts.add(String.format(
                Locale.ROOT,
                "%-7s %-24s",
                event.text("/data/operation"),
                event.text("/data/instance/databaseName") == null ? "-" : event.text("/data/instance/databaseName")));
        parts.add(summary(event));
        parts.add(event.jobId());
        return Printable.of(String.join("  ", parts));
    }

    private static String summary(ReceivedEvent event) {
        StringBuilder summary = new StringBuilder(event.outcome());
        append(summary, " ", event.text("/data/status"));
        append(summary, ", percent done: ", event.text("/data/progress"));
        append(summary, ", attempt ", event.text("/data/attempt"));
        append(summary, " of ", event.text("/data/maxAttempts"));
        append(summary, ", ms: ", event.text("/data/durationMs"));
        append(summary, "  ", event.text("/data/error/code"));
        append(summary, ": ", event.text("/data/error/message"));
        append(summary, "  Next attempt at ", event.text("/data/nextAttemptAt"));
        return summary.toString();
    }

    private static void append(StringBuilder to, String before, @Nullable String value) {
        if (value != null) {
            to.append(before).append(value);
        }
    }

    /** The time of the day, in UTC. */
    private static String time(ReceivedEvent event) {
        String time = String.valueOf(event.text("/time"));
        int day = time.indexOf('T');
        return time.length() >= day + 9 ? time.substring(day + 1, day + 9) : time;
    }
}
