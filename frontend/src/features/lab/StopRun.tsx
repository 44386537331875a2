import { useMutation, useQueryClient } from '@tanstack/react-query';

import { stopRun } from '@/api/lab';
import { Confirm } from '@/components/ui/Confirm';
import { showToast } from '@/lib/toasts';

import { useLab } from './useLab';

/** Asks before a run is stopped, and says what follows. */
export const StopRun = ({ run, onClose }: { run: string; onClose: () => void }) => {
  const { t } = useLab();
  const client = useQueryClient();
  const stopping = useMutation({
    mutationFn: () => stopRun(run),
    onSuccess: () => {
      showToast(t('run.stopped'));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['lab', 'runs'] }),
  });
  return (
    <Confirm
      title={t('run.stopTitle')} act={t('run.stop')} isBusy={stopping.isPending} failure={stopping.error}
      onConfirm={() => stopping.mutate()} onClose={onClose}
    >
      {t('run.stopHint')}
    </Confirm>
  );
};
