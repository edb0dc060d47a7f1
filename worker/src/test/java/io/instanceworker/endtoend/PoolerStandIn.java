package io.instanceworker.endtoend;

import io.instanceworker.testing.Forwarder;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Shows itself as a connection pooler does: a client is told a process id which is not that of the server's process that
 * runs its statements. Nothing else of a pooler matters here.
 */
final class PoolerStandIn extends Forwarder {

    private static final int NO_TLS = 'N';
    private static final int BACKEND_KEY_DATA = 'K';

    PoolerStandIn(String host, int serverPort) {
        super(host, serverPort);
        open();
    }

    @Override
    protected void toClient(InputStream from, OutputStream to) throws IOException {
        DataInputStream in = new DataInputStream(from);
        DataOutputStream out = new DataOutputStream(to);
        int type;
        do {
            type = in.readUnsignedByte();
            out.writeByte(type);
            if (type != NO_TLS) {
                copyMessage(type, in, out);
            }
        } while (type != BACKEND_KEY_DATA);
        copy(in, out);
    }

    private static void copyMessage(int type, DataInputStream in, DataOutputStream out) throws IOException {
        int length = in.readInt();
        out.writeInt(length);
        byte[] rest = new byte[length - Integer.BYTES];
        in.readFully(rest);
        if (type == BACKEND_KEY_DATA) {
            // The process id comes first, and its highest byte is 0 with every server.
            rest[0] = 1;
        }
        out.write(rest);
    }
}
