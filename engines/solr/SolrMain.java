import java.net.InetAddress;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import javax.servlet.UnavailableException;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;

/**
 * Solr in plain Jetty, on 127.0.0.1 alone: Maven Central has no distribution of it.
 *
 * <p>-Djetty.port=PORT, and Solr's own properties: -Dsolr.solr.home=FOLDER, -DzkHost=… for a cloud.
 */
public final class SolrMain {
  public static void main(String[] arguments) throws Exception {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(65_536);
    Server server = new Server();
    // Nodes of a cloud speak HTTP/2 to one another, clients mostly HTTP/1.1.
    ServerConnector connector =
        new ServerConnector(
            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    connector.setPort(Integer.getInteger("jetty.port"));
    server.addConnector(connector);

    ServletContextHandler solr = new ServletContextHandler(server, "/solr");
    solr.addEventListener(new CoreContainerProvider());
    SolrDispatchFilter filter = new SolrDispatchFilter();
    solr.addFilter(new FilterHolder(filter), "/*", EnumSet.of(DispatcherType.REQUEST));

    server.setStopAtShutdown(true);
    server.start();
    try {
      filter.getCores();
    } catch (UnavailableException error) {
      System.exit(1); // it has said why: Jetty alone would go on and answer 404
    }
    server.join();
  }
}
