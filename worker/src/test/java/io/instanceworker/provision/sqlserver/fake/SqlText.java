package io.instanceworker.provision.sqlserver.fake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * T-SQL in which every literal and every quoted name is a placeholder, so that what is looked for is not found within one. Without
 * comments.
 */
record SqlText(String masked, List<String> quoted) {

    static final String LITERAL = "N?'[^']*+(?:''[^']*+)*+'";
    static final String NAME = "\\[[^]]*+(?:]][^]]*+)*+]";

    /** A placeholder. */
    static final String QUOTED = "\u0001\\d+\u0002";

    private static final Pattern QUOTE =
            Pattern.compile("(?<![\\w@])" + LITERAL + "|" + NAME + "|\"[^\"]*+\"|--[^\\n]*+|(?s:/\\*.*?\\*/)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\u0001(\\d+)\u0002");
    private static final Pattern BREAK = Pattern.compile(
            ";|\\bBEGIN\\b(?!\\s+TRAN)|\\bCASE\\b|\\bEND\\b|\\n\\s*(?=(?:CREATE|IF)\\b)|(?=\\bSET\\s+IMPLICIT_TRANSACTIONS\\b|\\bIF\\s+@@TRANCOUNT\\b)",
            Pattern.CASE_INSENSITIVE);

    static SqlText of(String text) {
        List<String> quoted = new ArrayList<>();
        Matcher matcher = QUOTE.matcher(text);
        String masked = matcher.replaceAll(found -> {
            if (found.group().startsWith("-") || found.group().startsWith("/")) {
                return " ";
            }
            quoted.add(found.group());
            return "\u0001" + (quoted.size() - 1) + "\u0002";
        });
        return new SqlText(masked, quoted);
    }

    String whole(String part) {
        return PLACEHOLDER
                .matcher(part)
                .replaceAll(found -> Matcher.quoteReplacement(quoted.get(Integer.parseInt(found.group(1)))));
    }

    /** What stands in the quotes behind a placeholder. */
    String unquoted(String placeholder) {
        return unquote(whole(placeholder));
    }

    static String unquote(String quoted) {
        return switch (quoted.charAt(0)) {
            case '[' -> quoted.substring(1, quoted.length() - 1).replace("]]", "]");
            case '"' -> quoted.substring(1, quoted.length() - 1);
            default ->
                quoted.substring(quoted.indexOf('\'') + 1, quoted.length() - 1).replace("''", "'");
        };
    }

    /** The statements of a batch. What stands between BEGIN and END is part of one. */
    List<String> statements() {
        List<String> statements = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>();
        Matcher matcher = BREAK.matcher(masked);
        int start = 0;
        while (matcher.find()) {
            String word = matcher.group().strip().toUpperCase(Locale.ROOT);
            if (word.equals("BEGIN") || word.equals("CASE")) {
                open.push(word);
            } else if (word.equals("END")) {
                String opened = open.isEmpty() ? "" : open.pop();
                if (open.isEmpty() && opened.equals("BEGIN") && !isElseAt(matcher.end())) {
                    add(statements, start, matcher.end());
                    start = matcher.end();
                }
            } else if (open.isEmpty() && !(matcher.group().contains("\n") && isAfterIf(start, matcher.start()))) {
                add(statements, start, matcher.start());
                start = matcher.end();
            }
        }
        add(statements, start, masked.length());
        return statements;
    }

    private boolean isElseAt(int end) {
        return masked.substring(end).strip().toUpperCase(Locale.ROOT).startsWith("ELSE");
    }

    private boolean isAfterIf(int start, int end) {
        return masked.substring(start, end).strip().toUpperCase(Locale.ROOT).startsWith("IF");
    }

    private void add(List<String> statements, int start, int end) {
        String statement = whole(masked.substring(start, end)).strip();
        if (!statement.isEmpty()) {
            statements.add(statement);
        }
    }
}
