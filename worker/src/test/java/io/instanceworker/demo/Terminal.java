package io.instanceworker.demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Text for a person at a terminal of 80 columns, which may know neither colours nor Unicode. */
final class Terminal {

    static final int COLUMNS = 80;

    /** Named by what they mean here, with the codes that every terminal knows. */
    enum Style {
        PLAIN(""),
        STRONG("1"),
        FAINT("2"),
        WRONG("1;31"),
        RIGHT("32"),
        WAITING("33"),
        RUNNING("36");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    private final PrintStream out;
    private final boolean colour;
    private final boolean unicode;
    private volatile boolean mute;

    Terminal(PrintStream out, boolean colour, boolean unicode) {
        this.out = out;
        this.colour = colour;
        this.unicode = unicode;
    }

    /** Not System.out, to which the test fixtures and the libraries write too. */
    static Terminal ofThisProcess(boolean colour) {
        boolean unicode = Charset.forName(System.getProperty("native.encoding", "US-ASCII"))
                .newEncoder()
                .canEncode('✓');
        Charset charset = unicode ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
        return new Terminal(new PrintStream(new FileOutputStream(FileDescriptor.out), true, charset), colour, unicode);
    }

    /** From now on nothing is printed: what comes when everything is being torn down would only confuse. */
    void mute() {
        mute = true;
    }

    void line(String text) {
        print(text.stripTrailing() + "\n");
    }

    void blank() {
        print("\n");
    }

    void print(String text) {
        if (!mute) {
            out.print(unicode ? text : ascii(text));
            out.flush();
        }
    }

    String styled(Style style, String text) {
        return colour && style != Style.PLAIN ? "\033[" + style.code + "m" + text + "\033[0m" : text;
    }

    /** Breaks a text at its spaces, so that it ends at the last column; a word that is longer goes on as it is. */
    void wrapped(int indent, String text, Style style) {
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && indent + line.length() + 1 + word.length() > COLUMNS) {
                indented(indent, line, style);
                // Under the text, not under the mark before it.
                line.append("  ");
            } else if (line.length() > 0) {
                line.append(' ');
            }
            line.append(word);
        }
        indented(indent, line, style);
    }

    private void indented(int indent, StringBuilder line, Style style) {
        line(" ".repeat(indent) + styled(style, line.toString()));
        line.setLength(0);
    }

    private static String ascii(String text) {
        return text.replace("✓", "+").replace("✗", "!").replace("…", "...").replace("·", "|");
    }
}
