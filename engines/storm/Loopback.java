import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.net.InetSocketAddress;
import java.security.ProtectionDomain;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A Java agent: who asks for "any address" gets 127.0.0.1.
 *
 * <p>Storm's daemons and workers listen on every interface and have no setting against it, and
 * whoever reaches Nimbus may run commands. All of them open their sockets with
 * InetSocketAddress(port).
 */
public final class Loopback extends ClassVisitor {
    private static final String TARGET = "java/net/InetSocketAddress";

    private Loopback(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    public static void premain(String arguments, Instrumentation jvm) throws Exception {
        ClassFileTransformer change = new ClassFileTransformer() {
            @Override
            public byte[] transform(ClassLoader loader, String name, Class<?> known,
                    ProtectionDomain domain, byte[] code) {
                if (!TARGET.equals(name)) {
                    return null;
                }
                ClassWriter changed = new ClassWriter(0);
                new ClassReader(code).accept(new Loopback(changed), 0);
                return changed.toByteArray();
            }
        };
        jvm.addTransformer(change, true);
        jvm.retransformClasses(InetSocketAddress.class);
        if (!new InetSocketAddress(0).getAddress().isLoopbackAddress()) {
            throw new IllegalStateException("sockets would be open to every interface");
        }
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String types, String generic,
            String[] errors) {
        MethodVisitor next = super.visitMethod(access, name, types, generic, errors);
        if (!name.equals("<init>") || !types.equals("(I)V")) {
            return next;
        }
        return new MethodVisitor(Opcodes.ASM9, next) {
            @Override
            public void visitMethodInsn(int code, String owner, String called, String form,
                    boolean isInterface) {
                String instead = called.equals("anyLocalAddress") ? "getLoopbackAddress" : called;
                super.visitMethodInsn(code, owner, instead, form, isInterface);
            }
        };
    }
}
