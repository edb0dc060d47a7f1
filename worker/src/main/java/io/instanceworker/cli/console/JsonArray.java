package io.instanceworker.cli.console;

import io.instanceworker.contracts.json.StrictJson;
import java.io.PrintStream;
import java.util.Collection;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Prints a JSON array with one line for each object, in ASCII, so that no text in it can control the terminal. */
public final class JsonArray {

    private JsonArray() {}

    public static void print(PrintStream out, Collection<ObjectNode> objects) {
        out.println(objects.stream().map(StrictJson::writeAscii).collect(Collectors.joining(",\n ", "[", "]")));
    }
}
