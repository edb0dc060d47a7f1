package io.instanceworker.messaging.deadletters;

import io.instanceworker.cli.console.JsonArray;
import io.instanceworker.cli.console.Table;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.contracts.json.StrictJson;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Shows how many messages have the same error code, operation and server, the most first. */
final class CountReport implements Report {

    private record Group(
            String errorCode,
            @Nullable String operation,
            @Nullable String server) {}

    private final PrintStream out;
    private final boolean json;
    private final Map<Group, Integer> counts = new HashMap<>();

    CountReport(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    @Override
    public void add(DeadLetter letter) {
        counts.merge(new Group(letter.errorCode(), letter.operation(), letter.server()), 1, Integer::sum);
    }

    @Override
    public void close() {
        List<Map.Entry<Group, Integer>> groups = counts.entrySet().stream()
                .sorted(Map.Entry.<Group, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(group -> group.getKey().toString()))
                .toList();
        if (json) {
            JsonArray.print(out, groups.stream().map(CountReport::json).toList());
        } else {
            print(groups);
        }
    }

    private static ObjectNode json(Map.Entry<Group, Integer> group) {
        return StrictJson.newObject()
                .put("errorCode", group.getKey().errorCode())
                .put("operation", group.getKey().operation())
                .put("server", group.getKey().server())
                .put("count", group.getValue());
    }

    private void print(List<Map.Entry<Group, Integer>> groups) {
        Table table = new Table("COUNT", "ERROR", "OPERATION", "SERVER");
        groups.forEach(group -> table.add(
                group.getValue().toString(),
                Excerpt.of(group.getKey().errorCode()),
                group.getKey().operation(),
                group.getKey().server()));
        table.print(out);
        out.println(counts.values().stream().mapToInt(Integer::intValue).sum() + " messages");
    }
}
