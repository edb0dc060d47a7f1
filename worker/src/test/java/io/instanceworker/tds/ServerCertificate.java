package io.instanceworker.tds;

import io.instanceworker.testing.TempFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for localhost, made by the JDK's own keytool.
 *
 * @param context of the server
 * @param trustStore a file for clients that check the certificate; it is read without a password
 * @param certificate a PEM file, also for clients that check the certificate
 * @param key a PEM file
 */
public record ServerCertificate(SSLContext context, Path trustStore, Path certificate, Path key) {

    private static final String PASSWORD = "only for this test";
    private static final String ALIAS = "server";

    public static ServerCertificate selfSigned() {
        return selfSigned("DNS:localhost,IP:127.0.0.1");
    }

    /** @param names for which it is, as keytool takes them */
    public static ServerCertificate selfSigned(String names) {
        try {
            Path folder = TempFolder.deletedAtExit("certificate");
            Path store = folder.resolve("keys.p12");
            generate(store, names);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            return new ServerCertificate(
                    context(keys),
                    trustStore(keys, folder.resolve("trust.jks")),
                    pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded(), folder.resolve("tls.crt")),
                    pem(
                            "PRIVATE KEY",
                            keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded(),
                            folder.resolve("tls.key")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void generate(Path store, String names) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=" + names,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("keytool ended with " + exit);
        }
    }

    private static Path pem(String label, byte[] content, Path file) throws IOException {
        String base64 = Base64.getMimeEncoder().encodeToString(content);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    /** In the form whose certificates are not encrypted. */
    private static Path trustStore(KeyStore keys, Path file) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("JKS");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
        try (OutputStream out = Files.newOutputStream(file)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return file;
    }
}
