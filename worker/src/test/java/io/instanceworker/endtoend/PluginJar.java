package io.instanceworker.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A jar with classes of the tests that a worker finds as services. */
final class PluginJar {

    private PluginJar() {}

    /** @param types the first of them is the service's provider */
    static void write(Path file, Class<?> service, Class<?>... types) {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
            jar.putNextEntry(new JarEntry("META-INF/services/" + service.getName()));
            jar.write(types[0].getName().getBytes(StandardCharsets.UTF_8));
            for (Class<?> type : types) {
                String entry = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(entry));
                try (InputStream content = type.getResourceAsStream("/" + entry)) {
                    content.transferTo(jar);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
