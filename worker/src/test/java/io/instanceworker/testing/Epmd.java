package io.instanceworker.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;

/**
 * Erlang's name service, without which no node starts. Left alone, a node starts one that stays for good at a port
 * which all nodes of the machine share; this one is ours, in the foreground, and ends with us.
 */
final class Epmd {

    private final int port;
    private final ChildProcess process;

    private Epmd(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    static Epmd start(Path log) {
        int port = Ports.free();
        ChildProcess process = ChildProcess.start(Setpriv.sameUser("KILL", RabbitMqPrograms.epmd(port)), log, Map.of());
        Epmd epmd = new Epmd(port, process);
        try {
            Ready.await("epmd", process::isRunning, process::lastWords, epmd::connect);
        } catch (RuntimeException e) {
            process.kill();
            throw e;
        }
        return epmd;
    }

    private void connect() throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
    }

    /** By these every Erlang program finds this epmd, and binds to nothing but this machine's own address. */
    Map<String, String> environment() {
        return Map.of("ERL_EPMD_PORT", String.valueOf(port), "ERL_EPMD_ADDRESS", "127.0.0.1");
    }

    ChildProcess process() {
        return process;
    }
}
