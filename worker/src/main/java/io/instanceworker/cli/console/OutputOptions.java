package io.instanceworker.cli.console;

import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that say how an answer is printed. */
public final class OutputOptions {

    private enum Format {
        TABLE,
        JSON;

        /** As it is typed. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if not given")
    private Format format = Format.TABLE;

    public boolean json() {
        return format == Format.JSON;
    }
}
