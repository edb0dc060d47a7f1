package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PromQL expression names: selectors of time series, and labels to group by. Understands only as much of the language as
 * the alerts and the dashboard use.
 */
record PromQl(List<Selector> selectors, Set<String> groupingLabels) {

    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern NAME_LABELS_CALL =
            Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|(?<![\\w.])([a-zA-Z_:][\\w:]*)\\s*(\\{[^}]*})?(\\s*\\()?");
    private static final Pattern CONDITION = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "offset", "bool");

    record Selector(String metric, List<Condition> conditions) {

        boolean selects(String name, Map<String, String> labels) {
            return metric.equals(name) && conditions.stream().allMatch(condition -> condition.holds(labels));
        }
    }

    record Condition(String label, String operator, String value) {

        private boolean holds(Map<String, String> labels) {
            String actual = labels.get(label);
            return actual != null
                    && switch (operator) {
                        case "=" -> actual.equals(value);
                        case "!=" -> !actual.equals(value);
                        case "=~" -> actual.matches(value);
                        default -> !actual.matches(value);
                    };
        }
    }

    static PromQl parse(String expression) {
        Set<String> labels = new LinkedHashSet<>();
        String rest = expression
                .replaceAll("#.*", "")
                // A variable of the dashboard stands for any value.
                .replaceAll("\"\\$\\w+\"", "\".*\"")
                .replaceAll("\\[[^]]*]", "");
        Matcher grouping = GROUPING.matcher(rest);
        while (grouping.find()) {
            labels.addAll(List.of(grouping.group(1).strip().split("\\s*,\\s*", -1)));
        }
        List<Selector> selectors = new ArrayList<>();
        Matcher token = NAME_LABELS_CALL.matcher(grouping.replaceAll(""));
        while (token.find()) {
            String name = token.group(1);
            if (name != null && token.group(3) == null && !KEYWORDS.contains(name)) {
                selectors.add(new Selector(name, conditions(token.group(2))));
            }
        }
        return new PromQl(selectors, labels);
    }

    private static List<Condition> conditions(String inBraces) {
        List<Condition> conditions = new ArrayList<>();
        if (inBraces != null) {
            Matcher condition = CONDITION.matcher(inBraces);
            while (condition.find()) {
                conditions.add(new Condition(
                        condition.group(1),
                        condition.group(2),
                        condition.group(3).replace("\\\\", "\\")));
            }
        }
        return conditions;
    }
}
