package io.instanceworker.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What the script {@code deploy/local/demo} asks for.
 *
 * @param folder where the worker's settings and log go; the script deletes it
 * @param jar the worker
 * @param postgres major version
 * @param keep whether all is left running when the jobs are done
 * @param colour whether the output may be coloured
 */
record Options(Path folder, Path jar, int postgres, boolean keep, boolean colour) {

    static Options parse(String... arguments) {
        List<String> all = List.of(arguments);
        return new Options(
                Path.of(valueOf("--folder", all)),
                Path.of(valueOf("--jar", all)),
                Integer.parseInt(valueOf("--postgres", all)),
                all.contains("--keep"),
                all.contains("--colour"));
    }

    private static String valueOf(String option, List<String> arguments) {
        int at = arguments.indexOf(option);
        if (at < 0 || at + 1 == arguments.size()) {
            throw new IllegalArgumentException(option + " VALUE is missing");
        }
        return arguments.get(at + 1);
    }
}
