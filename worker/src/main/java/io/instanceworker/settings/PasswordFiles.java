package io.instanceworker.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.Environment;

/** The current passwords of the servers. A password from a file of a configuration tree is read again at each use. */
public final class PasswordFiles {

    private static final Logger log = LoggerFactory.getLogger(PasswordFiles.class);

    private final Environment environment;

    public PasswordFiles(Environment environment) {
        this.environment = environment;
    }

    /** @param atStart the password that was read at start; if it does not come from a file, it never changes */
    public Supplier<String> password(String server, String atStart) {
        Path file = file(server);
        return file == null || !atStart.equals(read(file))
                ? () -> atStart
                : () -> {
                    String now = read(file);
                    return now == null ? atStart : now;
                };
    }

    private @Nullable Path file(String server) {
        ConfigurationPropertyName name =
                ConfigurationPropertyName.adapt("instance-worker.servers." + server + ".password", '.');
        return StreamSupport.stream(
                        ConfigurationPropertySources.get(environment).spliterator(), false)
                .flatMap(source -> Stream.ofNullable(source.getConfigurationProperty(name)))
                .findFirst()
                .map(PasswordFiles::file)
                .orElse(null);
    }

    private static @Nullable Path file(ConfigurationProperty property) {
        try {
            return property.getSource() != null
                            && property.getSource().getUnderlyingSource() instanceof ConfigTreePropertySource
                            && property.getOrigin() instanceof PropertySourceOrigin of
                            && of.getOrigin() instanceof TextResourceOrigin origin
                            && origin.getResource() != null
                    ? origin.getResource().getFile().toPath()
                    : null;
        } catch (IOException e) {
            throw new IllegalStateException("The file of " + property.getName() + " cannot be found", e);
        }
    }

    /** Reads the file as Spring does: a line break at its end is not part of the password. */
    private static @Nullable String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
        } catch (IOException e) {
            log.warn("The password in {} cannot be read, so the one that was read at start is used: {}", file, e);
            return null;
        }
    }
}
