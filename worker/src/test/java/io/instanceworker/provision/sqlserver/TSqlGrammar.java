package io.instanceworker.provision.sqlserver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.LexerInterpreter;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.ParserInterpreter;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.VocabularyImpl;
import org.antlr.v4.runtime.atn.ATN;
import org.antlr.v4.runtime.atn.ATNDeserializer;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.Trees;

/**
 * The T-SQL grammar of antlr/grammars-v4, as the npm package {@code @dbml/core} carries it, run by ANTLR's interpreter.
 * {@code docs/tsql-grammars.md} says why this one and where the file comes from. For one thread.
 */
final class TSqlGrammar {

    private static final String FILE = "/tsql/grammar.txt.gz";

    private final List<String> errors = new ArrayList<>();
    private final LexerInterpreter lexer;
    private final ParserInterpreter parser;
    private final int start;

    /** A procedure without EXEC, which only the first statement of a batch may be. */
    private final int bareCall;

    TSqlGrammar() {
        Map<String, String[]> grammar = read();
        lexer = new LexerInterpreter(
                "TSqlLexer.g4",
                vocabulary(grammar, "Lexer"),
                List.of(grammar.get("Lexer.ruleNames")),
                List.of(grammar.get("Lexer.channelNames")),
                List.of(grammar.get("Lexer.modeNames")),
                atn(grammar, "Lexer"),
                CharStreams.fromString(""));
        List<String> rules = List.of(grammar.get("Parser.ruleNames"));
        parser = new ParserInterpreter(
                "TSqlParser.g4",
                vocabulary(grammar, "Parser"),
                rules,
                atn(grammar, "Parser"),
                new CommonTokenStream(new ListTokenSource(List.of())));
        start = rule(rules, "tsql_file");
        bareCall = rule(rules, "execute_body_batch");
        BaseErrorListener listener = new BaseErrorListener() {
            @Override
            public void syntaxError(
                    Recognizer<?, ?> recognizer,
                    Object symbol,
                    int line,
                    int column,
                    String message,
                    RecognitionException e) {
                errors.add(line + ":" + column + " " + message);
            }
        };
        lexer.removeErrorListeners();
        lexer.addErrorListener(listener);
        parser.removeErrorListeners();
        parser.addErrorListener(listener);
    }

    /** What the grammar finds wrong with a text, as the driver sends it. */
    List<String> errors(String sql) {
        errors.clear();
        parser.setTokenStream(new CommonTokenStream(new ListTokenSource(lex(sent(sql)))));
        ParseTree tree = parser.parse(start);
        // Nearly every word could be the name of a procedure, so without this hardly any text with a word too many
        // would be wrong.
        Trees.findAllRuleNodes(tree, bareCall)
                .forEach(call -> errors.add("reads as the call of a procedure: " + call.getText()));
        return List.copyOf(errors);
    }

    /** The words of a text: keywords, names with their brackets, strings with their quotes, signs. */
    List<String> words(String sql) {
        errors.clear();
        List<String> words = lex(sql).stream().map(Token::getText).toList();
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(errors + " in " + sql);
        }
        return words;
    }

    /** The JDBC driver names the parameters. */
    private String sent(String sql) {
        StringBuilder sent = new StringBuilder();
        int rest = 0;
        int parameters = 0;
        for (Token token : lex(sql)) {
            if ("?".equals(token.getText())) {
                sent.append(sql, rest, token.getStartIndex()).append("@P").append(parameters++);
                rest = token.getStopIndex() + 1;
            }
        }
        errors.clear();
        return sent.append(sql, rest, sql.length()).toString();
    }

    private List<Token> lex(String sql) {
        lexer.setInputStream(CharStreams.fromString(sql));
        return lexer.getAllTokens().stream()
                .filter(token -> token.getChannel() == Token.DEFAULT_CHANNEL)
                .<Token>map(token -> token)
                .toList();
    }

    private static int rule(List<String> rules, String name) {
        int index = rules.indexOf(name);
        if (index < 0) {
            throw new IllegalStateException("The grammar has no rule " + name);
        }
        return index;
    }

    /** A line is a name and values, with tabs between them. */
    private static Map<String, String[]> read() {
        Map<String, String[]> grammar = new HashMap<>();
        try (InputStream file = TSqlGrammar.class.getResourceAsStream(FILE);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] values = line.split("\t", -1);
                grammar.put(values[0], Arrays.copyOfRange(values, 1, values.length));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return grammar;
    }

    private static VocabularyImpl vocabulary(Map<String, String[]> grammar, String kind) {
        return new VocabularyImpl(
                nullable(grammar.get(kind + ".literalNames")), nullable(grammar.get(kind + ".symbolicNames")));
    }

    private static String[] nullable(String[] names) {
        return Arrays.stream(names).map(name -> name.isEmpty() ? null : name).toArray(String[]::new);
    }

    private static ATN atn(Map<String, String[]> grammar, String kind) {
        int[] data = Arrays.stream(grammar.get(kind + ".atn"))
                .mapToInt(Integer::parseInt)
                .toArray();
        return new ATNDeserializer().deserialize(data);
    }
}
