package io.instanceworker.provision.sqlserver.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement as H2 takes it.
 *
 * @param parameters in the order of the question marks
 */
record H2Text(String sql, List<Parameter> parameters) {

    /** @param isPattern whether it stands after LIKE */
    record Parameter(int index, boolean isPattern) {

        @Nullable Object value(List<@Nullable Object> values) {
            Object value = values.get(index);
            return isPattern && value != null ? pattern((String) value) : value;
        }
    }

    private static final Map<String, String> WORDS = Map.of(
            "\\bSYSDATETIMEOFFSET\\s*\\(\\s*\\)", "CURRENT_TIMESTAMP(7)",
            "\\bSYSDATETIME\\s*\\(\\s*\\)", "LOCALTIMESTAMP(7)",
            "\\bDATEDIFF_BIG\\b", "DATEDIFF",
            "\\bCOUNT_BIG\\b", "COUNT",
            "\\b(NON)?CLUSTERED\\b", "",
            "\\bCOLLATE\\s+\\w+", "",
            "\\bWITH\\s*\\([^)]*\\)", "");

    private static final Pattern PARAMETER =
            Pattern.compile("(\\bLIKE\\s+)?@P(\\d+)|(\\bLIKE\\s+)(" + SqlText.QUOTED + ")", Pattern.CASE_INSENSITIVE);
    private static final Pattern QUOTED = Pattern.compile(SqlText.QUOTED);

    static H2Text of(SqlText text) {
        String masked = text.masked();
        for (Map.Entry<String, String> word : WORDS.entrySet()) {
            masked = Pattern.compile(word.getKey(), Pattern.CASE_INSENSITIVE)
                    .matcher(masked)
                    .replaceAll(word.getValue());
        }
        List<Parameter> parameters = new ArrayList<>();
        StringBuilder sql = new StringBuilder();
        Matcher matcher = PARAMETER.matcher(masked);
        while (matcher.find()) {
            if (matcher.group(2) == null) {
                String pattern = literal(pattern(text.unquoted(matcher.group(4))));
                matcher.appendReplacement(sql, Matcher.quoteReplacement(matcher.group(3) + pattern));
            } else {
                boolean isPattern = matcher.group(1) != null;
                parameters.add(new Parameter(Integer.parseInt(matcher.group(2)), isPattern));
                matcher.appendReplacement(sql, isPattern ? "LIKE ?" : "?");
            }
        }
        matcher.appendTail(sql);
        String whole = QUOTED.matcher(sql).replaceAll(found -> Matcher.quoteReplacement(quoted(text, found.group())));
        return new H2Text(whole, parameters);
    }

    private static String quoted(SqlText text, String placeholder) {
        String unquoted = text.unquoted(placeholder);
        return text.whole(placeholder).endsWith("'") ? literal(unquoted) : "\"" + unquoted.replace("\"", "\"\"") + "\"";
    }

    static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** A backslash quotes one character in H2, where brackets do in SQL Server. */
    private static String pattern(String like) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < like.length(); i++) {
            char character = like.charAt(i);
            if (character == '[') {
                if (i + 2 >= like.length() || like.charAt(i + 2) != ']') {
                    throw Errors.unknown("the pattern " + like);
                }
                char meant = like.charAt(i + 1);
                pattern.append("%_\\".indexOf(meant) < 0 ? "" : "\\").append(meant);
                i += 2;
            } else {
                pattern.append(character == '\\' ? "\\\\" : String.valueOf(character));
            }
        }
        return pattern.toString();
    }

    /** Whether it changes tables and not rows, and so answers no number of them. */
    boolean isDefinition() {
        return sql.strip().matches("(?is)(CREATE|ALTER|DROP)\\b.*");
    }
}
