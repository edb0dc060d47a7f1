package io.instanceworker.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the numbers depend on besides the programs. */
final class Machine {

    private static final Path PROC = Path.of("/proc");

    private Machine() {}

    /** @param data where the servers have their files */
    static Map<String, String> describe(Path data) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cores", Runtime.getRuntime().availableProcessors() + " × " + field("cpuinfo", "model name"));
        facts.put("memory", field("meminfo", "MemTotal"));
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        FileStore store = Files.getFileStore(data);
        facts.put("files", store.type() + " on " + store.name() + ", " + (store.getUsableSpace() >> 30) + " GB free");
        facts.put("load before", read("loadavg").strip());
        facts.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        return facts;
    }

    private static String field(String file, String name) throws IOException {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    /** Memory of a process that is in RAM, in MB. */
    static double residentMegabytes(long pid) throws IOException {
        String kilobytes = field(pid + "/status", "VmRSS").replace("kB", "").strip();
        return Double.parseDouble(kilobytes) / 1024;
    }

    private static String read(String file) throws IOException {
        return new String(Files.readAllBytes(PROC.resolve(file)), StandardCharsets.UTF_8);
    }
}
