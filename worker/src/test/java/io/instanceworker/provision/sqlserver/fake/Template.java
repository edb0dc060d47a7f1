package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The form of a statement, in any case of its letters and with any white space between its words. In it, {@code {name}} is a quoted
 * name, {@code {value}} a literal or a parameter, {@code {word}} a word, {@code {rest}} what follows.
 */
final class Template {

    private static final Pattern PART = Pattern.compile("\\{\\w+}|[\\w@.]+|\\S");
    private static final Pattern PARAMETER = Pattern.compile("@P(\\d+)");

    private final Pattern pattern;

    Template(String form) {
        StringBuilder regex = new StringBuilder("\\s*");
        boolean wasWord = false;
        int end = 0;
        Matcher part = PART.matcher(form);
        while (part.find()) {
            String text = part.group();
            boolean isWord = Character.isLetterOrDigit(text.charAt(0)) || text.charAt(0) == '@';
            boolean apart = part.start() > end;
            regex.append(isWord && wasWord && apart ? "\\s+" : "\\s*").append(regex(text));
            wasWord = isWord;
            end = part.end();
        }
        pattern = Pattern.compile(regex.append("\\s*;?\\s*").toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    }

    private static String regex(String part) {
        return switch (part) {
            case "{name}" -> "(" + SqlText.NAME + ")";
            case "{value}" -> "(@P\\d+|" + SqlText.LITERAL + "|-?\\d+)";
            case "{word}" -> "(\\w+)";
            case "{rest}" -> "(.+)";
            default -> Pattern.quote(part);
        };
    }

    Optional<Match> match(SqlStatement statement) {
        Matcher matcher = pattern.matcher(statement.text());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        List<String> found = new ArrayList<>();
        for (int group = 1; group <= matcher.groupCount(); group++) {
            found.add(matcher.group(group));
        }
        return Optional.of(new Match(statement, found));
    }

    /** What stands in a statement at the places of its template. */
    record Match(SqlStatement statement, List<String> found) {

        String name(int index) {
            return SqlText.unquote(found.get(index));
        }

        String word(int index) {
            return found.get(index);
        }

        @Nullable Object value(int index) {
            return value(found.get(index));
        }

        @Nullable Object value(String expression) {
            Matcher parameter = PARAMETER.matcher(expression);
            if (parameter.matches()) {
                return statement.parameters().get(Integer.parseInt(parameter.group(1)));
            }
            return expression.endsWith("'") ? SqlText.unquote(expression) : Long.valueOf(expression);
        }

        String text(int index) {
            return (String) Objects.requireNonNull(value(index));
        }

        int number(int index) {
            return ((Number) Objects.requireNonNull(value(index))).intValue();
        }
    }
}
