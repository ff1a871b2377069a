import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { MaintenanceWindowError } from '../../core/errors.ts';

/** What the native sockets trust, beside the client's files. */
export const ROOTS = 'roots.pem';

/**
 * The roots that AWS's endpoints are signed under, by their SHA-256 fingerprints. With any other root a connection is
 * Node's, which trusts all of Mozilla's.
 *
 * Source: https://www.amazontrust.com/repository, which asks for all five of them in a trust store of one's own. The
 * European Sovereign Cloud's are signed across by three of these. Of the regions in China no document tells.
 */
export const AWS_ROOTS = {
  'Amazon Root CA 1': '8E:CD:E6:88:4F:3D:87:B1:12:5B:A3:1A:C3:FC:B1:3D:70:16:DE:7F:57:CC:90:4F:E1:CB:97:C6:AE:98:19:6E',
  'Amazon Root CA 2': '1B:A5:B2:AA:8C:65:40:1A:82:96:01:18:F8:0B:EC:4F:62:30:4D:83:CE:C4:71:3A:19:C3:9C:01:1E:A4:6D:B4',
  'Amazon Root CA 3': '18:CE:6C:FE:7B:F1:4E:60:B2:E3:47:B8:DF:E8:68:CB:31:D0:2E:BB:3A:DA:27:15:69:F5:03:43:B4:6D:B3:A4',
  'Amazon Root CA 4': 'E3:5D:28:41:9E:D0:20:25:CF:A6:90:38:CD:62:39:62:45:8D:A5:C6:95:FB:DE:A3:C2:2B:0B:FB:25:89:70:92',
  'Starfield Services Root Certificate Authority - G2':
    '56:8D:69:05:A2:C8:87:08:A4:B3:02:51:90:ED:CF:ED:B1:97:4A:60:6A:13:C6:E5:29:0F:CB:2A:E6:3E:DA:B5',
} as const;

/**
 * Text of {@link AWS_ROOTS} in PEM, each under its name.
 *
 * @param trusted certificates in PEM, of which they are taken; those of the Node that builds
 * @throws MaintenanceWindowError `MaintenanceWindow.Missing` where one is not there
 */
export function rootsText(trusted: readonly string[] = rootCertificates): string {
  const byFingerprint = new Map(trusted.map((pem) => [new X509Certificate(pem).fingerprint256, pem.trim()]));
  const texts = Object.entries(AWS_ROOTS).map(([name, fingerprint]) => {
    const pem = byFingerprint.get(fingerprint);
    if (pem) return `# ${name}\n${pem}\n`;
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `${name} (SHA-256 ${fingerprint}) is no root of Node ${process.version}: build with the Node of package.json, or mend build/client/roots.ts`,
    );
  });
  return texts.join('');
}
