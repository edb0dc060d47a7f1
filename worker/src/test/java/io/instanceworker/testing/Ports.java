package io.instanceworker.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports below the range that systems take for outgoing connections. A server that is stopped for a while needs
 * its port again; a port from that range might by then be the near end of somebody's connection.
 */
public final class Ports {

    private static final int RANGES = 4;
    private static final int RANGE_SIZE = 3_000;

    /** Test processes beside each other have ranges of their own: until its server is up, a port looks free to all. */
    private static final int LOWEST =
            20_000 + Math.floorMod(Integer.getInteger("test.fork", 1) - 1, RANGES) * RANGE_SIZE;

    private static final int HIGHEST = LOWEST + RANGE_SIZE;
    private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

    private Ports() {}

    public static int free() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            // At random, so that two builds at the same moment do not try the same ports in the same order.
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port) && HANDED_OUT.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("No free port between " + LOWEST + " and " + HIGHEST);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
