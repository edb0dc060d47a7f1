package io.instanceworker.endtoend;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The statements {@code DROP DATABASE} that a client or a time limit has cancelled, by the server's log. Each may have left a
 * database that can only be dropped; that the next attempt made it good is luck.
 */
final class CancelledDrops {

    private static final Pattern LINE = Pattern.compile(
            "\\[(?<pid>[0-9]+)] (?:(?<cancelled>ERROR:  canceling statement due to (?:user request|statement timeout))"
                    + "|STATEMENT:  (?<statement>.*))");

    private CancelledDrops() {}

    /** @param prefix how the names of the databases begin that count */
    static List<String> violations(String serverLog, String prefix) {
        Set<String> cancelled = new LinkedHashSet<>();
        Set<String> violations = new LinkedHashSet<>();
        Matcher line = LINE.matcher(serverLog);
        while (line.find()) {
            String pid = line.group("pid");
            String statement = line.group("statement");
            if (line.group("cancelled") != null) {
                cancelled.add(pid);
            } else if (cancelled.remove(pid)
                    && statement.startsWith("DROP DATABASE")
                    && statement.contains("\"" + prefix)) {
                violations.add("a DROP was cancelled: " + statement);
            }
        }
        return List.copyOf(violations);
    }
}
