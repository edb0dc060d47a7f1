package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The list of components in the packaged jar. */
class SbomIT {

    @Test
    void everyLibraryInTheJarIsListedWithItsVersion() throws IOException {
        try (JarFile jar = new JarFile(WorkerProcess.jar().toFile())) {
            String location = jar.getManifest().getMainAttributes().getValue("Sbom-Location");
            JsonNode sbom = JsonMapper.shared().readTree(jar.getInputStream(jar.getEntry(location)));
            List<String> listed = sbom.get("components")
                    .valueStream()
                    .map(component -> component.get("name").asString() + "-"
                            + component.get("version").asString() + ".jar")
                    .toList();
            List<String> libraries = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith("BOOT-INF/lib/") && name.endsWith(".jar"))
                    .map(name -> name.substring(name.lastIndexOf('/') + 1))
                    // Spring Boot's plugin adds it when it packs the jar.
                    .filter(name -> !name.startsWith("spring-boot-jarmode-tools-"))
                    .toList();

            assertThat(sbom.get("bomFormat").asString()).isEqualTo("CycloneDX");
            assertThat(libraries).anyMatch(name -> name.startsWith("postgresql-"));
            assertThat(listed).containsAll(libraries);
        }
    }
}
